/** What is recorded of a VM: its canonical inputs, and what the server added to them. */
import type { Size } from "../../../values/size";
import type { Disk, VmSpec } from "./args";

/** {@link VmSpec} in canonical form: what `check` passes on and `read` gives back, comparable byte for byte. */
export type VmInputs = VmSpec & VmMarks;

/** What was found and can't be said in the house's words. Only `read` sets them, the house never has them: a change that shows. */
export interface VmMarks {
  /**
   * Edits of what the house does not name, by Proxmox's key: `net1: virtio=..,bridge=vmbr0`, `vga: none (was std)`. The
   * next `up` takes note of them and writes nothing.
   */
  readonly unnamed?: Readonly<Record<string, string>>;
  /** The VM is not there any more. It stays in the state, so that it is not made again with blank disks (see gone.ts). */
  readonly gone?: true;
}

/** The mark on a disk that was changed in Proxmox in a way that can't be put back; only `read` sets it. */
export type ObservedDisk = Disk & {
  /** What the house asked for, where the disk is larger by now. A disk can't shrink: the house has to follow. */
  readonly grownFrom?: Size;
};

/** What the server gave out and the house doesn't name. */
export interface VmRecords {
  /** By slot, upper-case: MACs that the house leaves to Proxmox. Put back with a NIC that was removed. */
  readonly macs: Readonly<Record<string, string>>;
  /** By slot: the volume there, or one that was detached behind our back and still waits in an `unusedN`. */
  readonly volumes: Readonly<Record<string, string>>;
  /** Of a VM that was taken over: what it is known by instead of our uuid, see ownership.ts. */
  readonly adopted?: string;
  /** Slots of disks, NICs and devices that the house named at its last run. Missing in an older version's state. */
  readonly slots?: readonly string[];
  /** What the house does not name, as it was at the last run (see unnamed.ts). Missing in an older version's state. */
  readonly acknowledged?: Readonly<Record<string, string>>;
}

export interface VmState extends VmInputs, VmRecords {
  /** Power state when it was last looked at. */
  readonly status: "running" | "stopped";
  /** Properties whose change waits for the next boot, sorted: `memory`, `disks.scsi0`. */
  readonly pending: readonly string[];
  /** By slot of a NIC: the guest's addresses when its agent was last asked. Only where the house asks for them. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
}

/** What the house recorded at its last run or look: slots it had, and what Proxmox gave out. Empty for a new VM. */
export type Recorded = Partial<VmState>;

/** Names of the outputs that are no inputs. */
export const VM_OUTPUTS = [
  "macs",
  "volumes",
  "slots",
  "acknowledged",
  "adopted",
  "status",
  "pending",
  "addresses",
] as const;
