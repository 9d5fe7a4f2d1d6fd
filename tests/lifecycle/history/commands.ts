/** The steps that a random history is made of. Each leaves the model as a person would expect the house to be. */
import fc from "fast-check";
import type { VmSpec } from "../../../providers/proxmox/vm/args";
import { machine } from "../houses";
import { Killed, killedAt } from "../program";
import { deleteByHand, editByHand, EDITS } from "./hand";
import { detach, fitting, forgetVolumes, houseOf, NAMES, vmidOf, type Model, type Name, type Real } from "./model";
import { houseProblems, ownershipProblems } from "./settled";

type Step = fc.AsyncCommand<Model, Real>;

function must(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** `pulumi up`, or `up --refresh` where somebody else was at it; then once more, which must find nothing to do. */
async function up(model: Model, { bench, program }: Real): Promise<void> {
  if (model.unseen.size > 0) await program.refresh(bench.client());
  await program.up(houseOf(model), bench.client());
  model.unseen.clear();
  const real = { bench, program };
  must([...ownershipProblems(model, real), ...houseProblems(model, real)]);
  await program.refresh(bench.client());
  bench.proxmox.calls.reset();
  await program.up(houseOf(model), bench.client());
  must(bench.proxmox.calls.writes === 0 ? [] : [`a second up writes: ${JSON.stringify(bench.proxmox.calls.counts)}`]);
}

/** @param check whether the step makes sense now. */
const step = (
  text: string,
  check: (model: Readonly<Model>) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Step => ({ check, run, toString: () => text });

const always = (): boolean => true;

interface Wish {
  readonly name: Name;
  readonly sizes: Readonly<Record<string, number>>;
  readonly nics: readonly string[];
  readonly memory: number;
  readonly cores: number;
  readonly tags?: readonly string[];
  readonly power?: "running" | "stopped";
  readonly deletable: boolean;
}

const wish: fc.Arbitrary<Wish> = fc.record(
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
function describe(model: Model, { bench }: Real, { name, sizes, nics, memory, ...rest }: Wish): void {
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

/** It leaves the house: destroyed where that was said before, and forgotten otherwise. */
async function remove(model: Model, real: Real, name: Name): Promise<void> {
  const spec = model.house.get(name);
  if (spec === undefined) return;
  // Only what is off is destroyed: a person switches it off first.
  if (spec.deletable === true) model.house.set(name, { ...spec, power: "stopped" });
  await up(model, real);
  model.house.delete(name);
  await up(model, real);
  const { vms, volumes } = real.bench.proxmox.world;
  const there = vms[vmidOf(name)] !== undefined;
  must(there === (spec.deletable !== true) ? [] : [`${name} is ${there ? "still there" : "gone"}`]);
  if (there) return;
  const left = Object.values(volumes).filter(({ vmid }) => vmid === vmidOf(name));
  must(left.map(({ volid }) => `${volid} is left of ${name}`));
  forgetVolumes(model, vmidOf(name));
}

/** Deleted by hand: refused until somebody says that it may be made again with empty disks. */
async function lose(model: Model, real: Real, name: Name): Promise<void> {
  const spec = model.house.get(name);
  if (spec === undefined) return;
  await up(model, real);
  await deleteByHand(name, real);
  forgetVolumes(model, vmidOf(name));
  model.unseen.add(name);
  const refused = await up(model, real).then(
    () => "it was made again without a word",
    (error: unknown) => String(error),
  );
  must(refused.includes("it was deleted in Proxmox") ? [] : [refused]);
  model.house.set(name, { ...spec, recreate: true });
  await up(model, real);
  model.house.set(name, spec);
}

/** The run is killed at its n-th changing call. What it had done is there, and recorded nowhere. */
async function crash(model: Model, { bench, program }: Real, nth: number, when: "before" | "after"): Promise<void> {
  for (const name of model.house.keys()) model.unseen.add(name);
  await program.up(houseOf(model), killedAt(bench.client(), nth, when)).catch((error: unknown) => {
    if (!(error instanceof Error && error.message.includes(Killed.name))) throw error;
  });
}

const named = (what: string, run: (model: Model, real: Real, name: Name) => Promise<void>): fc.Arbitrary<Step> =>
  fc.constantFrom(...NAMES).map((name) =>
    step(
      `${what} ${name}`,
      ({ house }) => house.has(name),
      (model, real) => run(model, real, name),
    ),
  );

export const STEPS: fc.Arbitrary<Step>[] = [
  wish.map((one) =>
    step(`describe ${JSON.stringify(one)}`, always, async (model, real) => {
      describe(model, real, one);
      return Promise.resolve();
    }),
  ),
  fc.constant(step("up", always, up)),
  fc.constant(step("refresh", always, (_model, { bench, program }) => program.refresh(bench.client()))),
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom("before" as const, "after" as const))
    .map(([nth, when]) => step(`killed ${when} call ${nth}`, always, (model, real) => crash(model, real, nth, when))),
  fc
    .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...EDITS))
    .map(([name, edit]) =>
      step(`by hand ${name}: ${edit}`, always, (model, real) => editByHand(name, edit, model, real)),
    ),
  named("remove", remove),
  named("lose", lose),
];
