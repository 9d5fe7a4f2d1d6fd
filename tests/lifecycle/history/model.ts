/**
 * What a person knows of a house while it is changed, by the house and by hand, by runs that are killed and by others: what
 * must be there after an `up`, and which volumes without a slot are there on purpose.
 */
import type { Disk, DiskSlot, VmSpec } from "../../../providers/proxmox/vm/args";
import type { World } from "../../../lab/proxmox/world";
import type { Bench } from "../bench";
import { first } from "../houses";
import type { House, Program } from "../program";

export const NODE = "infinity-node";
export const NAMES = ["emby", "arr", "misc"] as const;
export type Name = (typeof NAMES)[number];

/** Where the disk of a slot lies: it never changes, because a disk is never moved. */
export const STORAGES: Readonly<Record<string, string>> = {
  scsi0: "local-lvm",
  scsi1: "local-lvm",
  scsi2: "shared",
  virtio0: "local-lvm",
};

export interface Model {
  readonly house: Map<Name, VmSpec>;
  /** Volumes that were taken out of a slot on purpose: by the house, or by hand. */
  readonly detached: Set<string>;
  /** `100 scsi1`: may be larger than the house says, because a hand or an earlier house made it so. */
  readonly grown: Set<string>;
  /** Names that have been edited by hand, or were in a killed run, since the last look. */
  readonly unseen: Set<Name>;
}

export interface Real {
  readonly bench: Bench;
  readonly program: Program;
  /** How often each kind of step was taken, over all histories. */
  readonly taken: Map<string, number>;
}

export const vmidOf = (name: Name): number => 100 + NAMES.indexOf(name);
export const newModel = (): Model => ({ house: new Map(), detached: new Set(), grown: new Set(), unseen: new Set() });

/** The house as the program is given it: a storage that its disks lie on, and the VMs. */
export function houseOf({ house }: Model): House {
  const vms = [...house].map(([name, spec]) => [name, { kind: "vm", spec }] as const);
  return { ...(first.shared && { shared: first.shared }), ...Object.fromEntries(vms) };
}

/** What is configured: the live keys with those laid over that wait for the next boot. */
export function configOf(world: World, name: Name): Readonly<Record<string, string>> | undefined {
  const vm = world.vms[vmidOf(name)];
  if (vm === undefined) return undefined;
  const whole = Object.entries({ ...vm.config, ...vm.pending });
  return Object.fromEntries(whole.filter(([key]) => vm.deletes[key] === undefined));
}

const volumeOf = (text: string): string => text.split(",")[0] ?? "";
export const gibOf = (text: string): number => {
  const [, number = "0", unit = "G"] = /size=(\d+)([MG])/.exec(text) ?? [];
  return Number(number) / (unit === "M" ? 1024 : 1);
};

/** Notes that what is in these slots is taken out on purpose. */
export function detach({ detached }: Model, world: World, name: Name, slots: readonly string[]): void {
  const vm = world.vms[vmidOf(name)];
  for (const slot of slots)
    for (const keys of [vm?.config, vm?.pending]) if (keys?.[slot] !== undefined) detached.add(volumeOf(keys[slot]));
}

/** Volumes of a VM that is gone, by number: their names are given out again. */
export function forgetVolumes(model: Model, vmid: number): void {
  for (const volume of model.detached) if (volume.includes(`vm-${vmid}-`)) model.detached.delete(volume);
  for (const key of model.grown) if (key.startsWith(`${vmid} `)) model.grown.delete(key);
}

/** Disks of a new house for a VM: those that are there keep at least the size they have, since none can shrink. */
export function fitting(
  model: Model,
  world: World,
  name: Name,
  sizes: Readonly<Record<string, number>>,
): NonNullable<VmSpec["disks"]> {
  const config = configOf(world, name) ?? {};
  const before = model.house.get(name)?.disks ?? {};
  const disks = Object.entries(sizes).map(([slot, gib]): [string, Disk] => {
    const had = before[slot as DiskSlot];
    const asked = had !== undefined && "size" in had ? Number.parseInt(had.size) : 0;
    const there = config[slot] === undefined ? 0 : gibOf(config[slot]);
    const least = Math.ceil(Math.max(asked, there));
    return [slot, { storage: STORAGES[slot] ?? "", size: `${Math.max(gib, least)}GiB` }];
  });
  return Object.fromEntries(disks);
}

export const count = ({ taken }: Real, kind: string): void => void taken.set(kind, (taken.get(kind) ?? 0) + 1);
