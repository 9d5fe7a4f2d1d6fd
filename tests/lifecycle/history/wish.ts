/** What the house may come to say of a VM. */
import fc from "fast-check";
import type { VmSpec } from "../../../providers/proxmox/vm/args";
import { machine } from "../houses";
import { detach, fitting, NAMES, vmidOf, type Model, type Name, type Real } from "./model";

export interface Wish {
  readonly name: Name;
  readonly sizes: Readonly<Record<string, number>>;
  readonly nics: readonly string[];
  readonly memory: number;
  readonly cores: number;
  readonly tags?: readonly string[];
  readonly power?: "running" | "stopped";
  readonly deletable: boolean;
}

export const wish: fc.Arbitrary<Wish> = fc.record(
  {
    name: fc.constantFrom(...NAMES),
    // The first one is what the VM starts from.
    sizes: fc
      .dictionary(fc.constantFrom("scsi1", "scsi2", "virtio0"), fc.integer({ min: 1, max: 6 }))
      .chain((rest) => fc.integer({ min: 1, max: 6 }).map((scsi0) => ({ ...rest, scsi0 }))),
    nics: fc.subarray(["net0", "net1"]),
    memory: fc.constantFrom(1, 2, 3),
    cores: fc.constantFrom(1, 2),
    tags: fc.constantFrom(["a"], ["b", "a"]),
    power: fc.constantFrom("running", "stopped"),
    deletable: fc.boolean(),
  },
  { requiredKeys: ["name", "sizes", "nics", "memory", "cores", "deletable"] },
);

/** The house says another thing of a VM from now on, or has one more. */
export function describe(model: Model, { bench }: Real, { name, sizes, nics, memory, ...rest }: Wish): void {
  const { world } = bench.proxmox;
  const disks = fitting(model, world, name, sizes);
  const before = model.house.get(name);
  detach(
    model,
    world,
    name,
    Object.keys(before?.disks ?? {}).filter((slot) => !(slot in disks)),
  );
  // One that was forgotten, and is larger by now, is taken up as it is.
  if (before === undefined) for (const slot of Object.keys(disks)) model.grown.add(`${vmidOf(name)} ${slot}`);
  const { cores, ...more } = rest;
  const spec: Partial<VmSpec> = {
    ...more,
    name,
    disks,
    memory: `${memory}GiB`,
    cpu: { cores },
    nics: Object.fromEntries(nics.map((slot) => [slot, { bridge: "vmbr0" }])),
  };
  model.house.set(name, machine(vmidOf(name), spec).spec as VmSpec);
}

/** A house to begin with. */
export const BEGINNING: readonly Wish[] = NAMES.map((name) => ({
  name,
  sizes: { scsi0: 2, scsi1: 1, scsi2: 1 },
  nics: ["net0"],
  memory: 1,
  cores: 1,
  deletable: name === "misc",
}));
