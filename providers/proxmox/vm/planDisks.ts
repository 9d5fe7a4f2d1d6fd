/** The disks' part of a plan: make, attach, detach, edit, move, grow. Never shrinks, swaps or frees a volume. Pure. */
import { formatSize, parseSize } from "../../../values/size";
import { sameCanonical } from "../../canonical";
import type { Disk, DiskSlot, VolumeDisk } from "./args";
import type { Config } from "./config";
import { diskFromApi, diskToApi, isPhysical, isRoundedUp, newDrive, storageOf, type Drive } from "./drive";
import { drivesOf } from "./fromApi";
import type { Recorded, VmInputs } from "./inputs";
import { grownNote } from "./notes";
import type { ObservedVm } from "./observed";
import { unusedVolumes } from "./records";
import type { Step } from "./step";

interface DiskPlan {
  readonly set: Config;
  readonly delete: readonly string[];
  /** After the configuration: moves, then growth. */
  readonly steps: readonly Step[];
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

interface SlotPlan {
  readonly set?: string;
  /** Slot that gives its volume up first. */
  readonly from?: string;
  /** Storage that the volume goes to. */
  readonly move?: string;
  readonly grow?: number;
  readonly note?: string;
  readonly problem?: string;
}

/** What the drive shall hold aside, do its options say what the house says? */
function sameOptions(disk: Disk, drive: Drive): boolean {
  const nothing = { path: undefined, storage: undefined, size: undefined, image: undefined, volume: undefined };
  const bare = (item: Disk): object => ({ ...item, ...nothing });
  return sameCanonical(bare(disk), bare(diskFromApi(drive)));
}

function planVolume(slot: string, disk: VolumeDisk, drive: Drive): SlotPlan {
  const asked = parseSize(disk.size) ?? 0;
  const found = drive.size ?? asked;
  const grown = found > asked && !isRoundedUp(asked, found);
  return {
    set: sameOptions(disk, drive) ? undefined : diskToApi(disk, drive.volume, drive.options),
    move: storageOf(drive.volume) === disk.storage ? undefined : disk.storage,
    grow: found < asked ? asked : undefined,
    note: grown ? grownNote(slot, disk.size, formatSize(found)) : undefined,
  };
}

/**
 * An existing volume for an empty slot. One that another slot holds is let go there first: a stopped VM's in the same call;
 * of a running one only after the guest has let go of it, so that no volume is ever in two slots.
 */
function planTaking(observed: ObservedVm, wanted: VmInputs, slot: string, disk: VolumeDisk): SlotPlan {
  const holder = (drives: Readonly<Record<string, Drive>>): string | undefined =>
    Object.keys(drives).find((other) => drives[other]?.volume === disk.volume);
  const [next, now] = [holder(drivesOf(observed.wanted)), holder(drivesOf(observed.live))];
  const said = `disks.${slot}.volume: ${disk.volume ?? ""}`;
  if (next !== undefined && wanted.disks?.[next as DiskSlot] !== undefined)
    return { problem: `${said}: ${next} holds it, and a volume has one slot - take ${next} out of the house` };
  if (next !== undefined) return { from: next, ...(observed.status === "stopped" && { set: newDrive(disk) }) };
  if (now !== undefined)
    return { note: `${said}: the running guest has it in ${now} until it is shut down - do that, then run up again` };
  return { set: newDrive(disk) };
}

/**
 * The volume that an empty slot held: one whose detach waits for the next boot, or the recorded one among the unused.
 * It is put back with its data; a new one would be empty.
 */
function reusable(observed: ObservedVm, slot: string, recorded: string | undefined): string | undefined {
  const leaving = drivesOf(observed.live)[slot];
  if (leaving && !isPhysical(leaving)) return leaving.volume;
  return recorded !== undefined && unusedVolumes(observed).has(recorded) ? recorded : undefined;
}

function planEmpty(observed: ObservedVm, wanted: VmInputs, recorded: Recorded, slot: string, disk: Disk): SlotPlan {
  if ("path" in disk) return { set: diskToApi(disk, disk.path) };
  const before = reusable(observed, slot, recorded.volumes?.[slot]);
  // Of a slot that the house never gave up it comes back from another storage too, and is moved afterwards.
  const fits = before !== undefined && (storageOf(before) === disk.storage || recorded.slots?.includes(slot) === true);
  if (fits && (disk.volume === undefined || disk.volume === before)) return { set: diskToApi(disk, before) };
  return disk.volume === undefined ? { set: newDrive(disk) } : planTaking(observed, wanted, slot, disk);
}

function planHeld(slot: string, disk: Disk, drive: Drive): SlotPlan {
  const physical = "path" in disk;
  const foreign = physical ? drive.volume !== disk.path : isPhysical(drive);
  if (foreign) {
    const asked = physical ? disk.path : `a volume on ${disk.storage}`;
    return {
      problem: `disks.${slot}: ${asked}: the slot holds ${drive.volume}, and a disk is never swapped for another - use a free slot, or take the disk out of the slot first`,
    };
  }
  if (!physical) return planVolume(slot, disk, drive);
  return sameOptions(disk, drive) ? {} : { set: diskToApi(disk, drive.volume, drive.options) };
}

/** Without `delete` Proxmox keeps the volume that was copied: it refuses to free one that snapshots need. */
const keepsSource = (observed: ObservedVm): boolean => observed.live.parent !== undefined;

export function planDisks(observed: ObservedVm, wanted: VmInputs, recorded: Recorded): DiskPlan {
  const drives = drivesOf(observed.wanted);
  const plans = Object.entries(wanted.disks ?? {}).map(([slot, disk]) => {
    const drive = drives[slot];
    return [
      slot,
      drive === undefined ? planEmpty(observed, wanted, recorded, slot, disk) : planHeld(slot, disk, drive),
    ] as const;
  });
  const sets = plans.flatMap(([slot, plan]) => (plan.set === undefined ? [] : [[slot, plan.set] as const]));
  const leaving = Object.keys(recorded.disks ?? {}).filter(
    (slot) => wanted.disks?.[slot as DiskSlot] === undefined && drives[slot] !== undefined,
  );
  return {
    set: Object.fromEntries(sets),
    delete: [...new Set([...leaving, ...plans.flatMap(([, { from }]) => from ?? [])])],
    steps: [
      ...plans.flatMap(([disk, { move }]) =>
        move === undefined ? [] : [{ kind: "move", disk, storage: move, keep: keepsSource(observed) } as const],
      ),
      ...plans.flatMap(([disk, { grow }]) =>
        grow === undefined ? [] : [{ kind: "resize", disk, bytes: grow } as const],
      ),
    ],
    notes: plans.flatMap(([, { note }]) => note ?? []),
    problems: plans.flatMap(([, { problem }]) => problem ?? []),
  };
}
