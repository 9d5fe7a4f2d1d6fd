/**
 * Brings an existing VM to what the house says: look, plan, take one step, look again, until nothing differs. Each call
 * so carries the digest of what its plan was made from, and a run that was stopped anywhere goes on from there.
 */
import { sameCanonical } from "../../canonical";
import { HalfDone } from "../../spoken";
import { isDigestMismatch } from "../classify";
import { ProxmoxError } from "../client";
import { runningTasks } from "../runningTasks";
import { unseenNotes } from "../edits";
import { impossibleReturns } from "./changes";
import type { Recorded, VmInputs, VmState } from "./inputs";
import { vmListing } from "./listing";
import { observeVm } from "./observe";
import type { ObservedVm } from "./observed";
import { assertOurs } from "./ownership";
import { COPY_TIMEOUT_MS, perform, type Subject } from "./perform";
import { planVm } from "./plan";
import { halfWay, stateOf, stillRecorded } from "./state";
import { partOf } from "./rootOnly";
import type { Step } from "./step";
import { unnamedEdits } from "./unnamed";

/** Times that somebody else may change the VM between our look and our call. */
const DIGEST_RETRIES = 3;

export interface Goal extends Subject {
  readonly wanted: VmInputs;
  readonly recorded: Recorded;
  /** Whether the VM was made just now: what fails from here on leaves something behind. */
  readonly made: boolean;
}

/** Proxmox reports a change that it could not make on the running VM as an error, and keeps it for the next boot. */
const isHotplugProblem = (error: unknown): error is ProxmoxError =>
  error instanceof ProxmoxError &&
  `${error.text} ${Object.values(error.errors ?? {}).join()}`.includes("hotplug problem");

/** Whether data is copied: for minutes or hours, and once more if it is asked for again meanwhile. */
function copies(step: Step): boolean {
  if (step.kind === "move") return true;
  return step.kind === "config" && Object.values(step.set).some((value) => value.includes("import-from="));
}

/** Tasks that an interrupted run began on the VM go on in Proxmox: waited for, however they end. */
async function othersEnd({ client, vmid }: Goal, { node }: ObservedVm, ended: Set<string>): Promise<boolean> {
  const others = (await runningTasks(client, node, { vmid })).filter(({ upid }) => !ended.has(upid));
  for (const { upid } of others) {
    await client.task(upid, { timeoutMs: COPY_TIMEOUT_MS }).catch(() => undefined);
    ended.add(upid);
  }
  return others.length > 0;
}

function describe(step: Step): string {
  if (step.kind === "config") return [...Object.keys(step.set), ...step.delete].join(", ");
  if (step.kind === "move") return `the storage of ${step.disk}`;
  return step.kind === "resize" ? `the size of ${step.disk}` : step.action;
}

const unmoved = (step: Step): Error => new Error(`${describe(step)}: Proxmox took the change and shows another value`);

async function look({ client, wanted, recorded }: Goal): Promise<ObservedVm> {
  const observed = await observeVm(client, wanted.node, wanted.vmid);
  if (observed === undefined)
    throw new Error(`it is not on node ${wanted.node} - run "pulumi refresh" to see where it went`);
  assertOurs(observed, { ...wanted, adopted: recorded.adopted });
  return observed;
}

/** The guest's image of its settings is made at its start; nothing in Proxmox shows that it is older. */
const CLOUD_INIT_KEY = /^(ciuser|sshkeys|nameserver|searchdomain|ipconfig\d+)$/;

function tellOfCloudInit(goal: Goal, observed: ObservedVm, step: Step): void {
  if (observed.status !== "running" || step.kind !== "config") return;
  if ([...Object.keys(step.set), ...step.delete].some((key) => CLOUD_INIT_KEY.test(key)))
    goal.tell("cloudInit: the guest gets it at its next start - restart it when it suits");
}

function report(goal: Goal, state: VmState, notes: readonly string[]): void {
  // What the preview of this run has said already is not said twice.
  const said = impossibleReturns(goal.recorded, goal.wanted);
  for (const note of notes) if (!said.includes(note)) goal.tell(note);
  if (state.pending.length > 0)
    goal.tell(`${state.pending.join(", ")}: takes effect at its next start - shut it down and start it when it suits`);
}

/** Edits that no look before this run showed: taken note of all the same, but not in silence. */
function tellOfUnseen({ recorded, tell }: Goal, observed: ObservedVm): void {
  const found = unnamedEdits(observed, recorded, recorded.acknowledged);
  for (const note of unseenNotes(found, recorded.unnamed)) tell(note);
}

/** @param first a look that was just taken, where there was one. */
export async function converge(goal: Goal, first?: ObservedVm): Promise<VmState> {
  const { client, wanted, recorded } = goal;
  let observed = first ?? (await look(goal));
  tellOfUnseen(goal, observed);
  let last: { step: Step; error?: Error } | undefined;
  let changed = goal.made;
  let mismatches = 0;
  const ended = new Set<string>();
  const records = stillRecorded(recorded, wanted);
  const state = (): VmState => stateOf(observed, wanted, records);
  try {
    for (;;) {
      const { steps, notes, problems } = planVm(observed, wanted, recorded);
      if (problems.length > 0) throw new Error(problems.join("\n"));
      const [next] = steps;
      if (next === undefined) {
        report(goal, state(), notes);
        return state();
      }
      const step = goal.node === undefined ? next : partOf(next, observed.wanted);
      if (sameCanonical(step, last?.step)) throw last?.error ?? unmoved(step);
      if (copies(step) && (await othersEnd(goal, observed, ended))) {
        observed = await look(goal);
        continue;
      }
      last = { step };
      try {
        vmListing.forget(client);
        await perform(goal, observed, step);
        changed = true;
        tellOfCloudInit(goal, observed, step);
      } catch (error) {
        if (isHotplugProblem(error)) last = { step, error };
        else if (isDigestMismatch(error) && mismatches++ < DIGEST_RETRIES) last = undefined;
        else throw error;
      }
      observed = await look(goal);
    }
  } catch (error) {
    const half = (): VmState => stateOf(observed, halfWay(recorded, wanted), records);
    throw changed ? new HalfDone(String(wanted.vmid), half(), error) : error;
  }
}
