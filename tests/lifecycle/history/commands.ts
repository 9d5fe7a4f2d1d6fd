/** The steps that a random history is made of. Each leaves the model as a person would expect the house to be. */
import fc from "fast-check";
import { Killed, killedAt } from "../program";
import { deleteByHand, editByHand, EDITS } from "./hand";
import { count, forgetVolumes, houseOf, NAMES, vmidOf, type Model, type Name, type Real } from "./model";
import { BEGINNING, describe, wish } from "./wish";
import { houseProblems, ownershipProblems } from "./settled";

type Step = fc.AsyncCommand<Model, Real>;

function must(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** `pulumi up`, or `up --refresh` where somebody else was at it; then once more, which must find nothing to do. */
export async function up(model: Model, real: Real): Promise<void> {
  const { bench, program } = real;
  if (model.unseen.size > 0) await program.refresh(bench.client());
  await program.up(houseOf(model), bench.client());
  model.unseen.clear();
  must([...ownershipProblems(model, real), ...houseProblems(model, real)]);
  await program.refresh(bench.client());
  bench.proxmox.calls.reset();
  await program.up(houseOf(model), bench.client());
  count(real, "up");
  must(bench.proxmox.calls.writes === 0 ? [] : [`a second up writes: ${JSON.stringify(bench.proxmox.calls.counts)}`]);
}

/** @param check whether the step makes sense now. */
const step = (
  text: string,
  check: (model: Readonly<Model>) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Step => ({ check, run, toString: () => text });

const always = (): boolean => true;

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
  if (there) {
    count(real, "forgotten");
    return;
  }
  const left = Object.values(volumes).filter(({ vmid }) => vmid === vmidOf(name));
  must(left.map(({ volid }) => `${volid} is left of ${name}`));
  count(real, "destroyed");
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
  count(real, "lost");
  model.house.set(name, spec);
}

/** The run is killed at its n-th changing call. What it had done is there, and recorded nowhere. */
async function crash(model: Model, real: Real, nth: number, when: "before" | "after"): Promise<void> {
  const { bench, program } = real;
  for (const name of model.house.keys()) model.unseen.add(name);
  await program.up(houseOf(model), killedAt(bench.client(), nth, when)).catch((error: unknown) => {
    if (!(error instanceof Error && error.message.includes(Killed.name))) throw error;
    count(real, `killed ${when}`);
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

const describing = wish.map((one) =>
  step(`describe ${JSON.stringify(one)}`, always, (model, real) => {
    describe(model, real, one);
    return Promise.resolve();
  }),
);

const killed = fc
  .tuple(wish, fc.integer({ min: 1, max: 4 }), fc.constantFrom("before" as const, "after" as const))
  .map(([one, nth, when]) =>
    step(`describe ${JSON.stringify(one)}, killed ${when} call ${nth}`, always, (model, real) => {
      describe(model, real, one);
      return crash(model, real, nth, when);
    }),
  );

const byHand = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...EDITS))
  .map(([name, edit]) =>
    step(`by hand ${name}: ${edit}`, always, (model, real) => editByHand(name, edit, model, real)),
  );

/** What is there twice is that much likelier. */
export const STEPS: fc.Arbitrary<Step>[] = [
  describing,
  describing,
  killed,
  killed,
  byHand,
  byHand,
  fc.constant(step("up", always, up)),
  fc.constant(step("refresh", always, (_model, { bench, program }) => program.refresh(bench.client()))),
  named("remove", remove),
  named("lose", lose),
];

export async function begin(model: Model, real: Real): Promise<void> {
  for (const one of BEGINNING) describe(model, real, one);
  await up(model, real);
}
