/** Makes a VM, or takes up the one that an interrupted run of ours left. Never touches a VM that is not ours. */
import { setTimeout as delay } from "node:timers/promises";
import { isAlreadyExists } from "../classify";
import type { ProxmoxClient } from "../client";
import { runningTasks } from "../runningTasks";
import { claimClone, runningClones, startClone } from "./clone";
import { converge } from "./converge";
import type { NodeShell } from "../nodeShell";
import type { VmInputs, VmRecords, VmState } from "./inputs";
import { vmListing } from "./listing";
import { observeVm } from "./observe";
import type { ObservedVm } from "./observed";
import { assertOurs, isMarked } from "./ownership";
import { COPY_TIMEOUT_MS, follow } from "./perform";
import { withoutRootOnly } from "./rootOnly";
import { createParams } from "./toApi";

interface Creation {
  readonly client: ProxmoxClient;
  readonly inputs: VmInputs;
  readonly tell: (text: string) => void;
  /** See Subject. */
  readonly node?: NodeShell;
  /** By slot: MACs to give it again, of a VM that was there before. @default Proxmox gives out new ones */
  readonly macs?: VmRecords["macs"];
}

/** Is somebody still at work on it? A token sees the tasks of its own runs, which is what counts here. */
async function isBeingMade(client: ProxmoxClient, inputs: VmInputs): Promise<boolean> {
  const { node, vmid, clone } = inputs;
  const [made, copied] = await Promise.all([
    runningTasks(client, node, { typefilter: "qmcreate", vmid }),
    clone === undefined ? [] : runningClones(client, inputs, clone),
  ]);
  return made.length + copied.length > 0;
}

/** Locks of a VM that is not there as a whole yet. */
const MAKING = new Set<string | undefined>(["create", "clone"]);

/** A VM that is still being created shows nothing but its lock; whose it is stands there only when it is done. */
async function created({ client, inputs }: Creation): Promise<ObservedVm | undefined> {
  const { node, vmid } = inputs;
  const until = Date.now() + COPY_TIMEOUT_MS;
  let idle = false;
  for (let pause = 200; ; pause = Math.min(2000, pause * 1.5)) {
    const observed = await observeVm(client, node, vmid);
    if (!MAKING.has(observed?.live.lock)) return observed;
    if (idle)
      throw new Error(
        `its creation was begun and never finished (its task is gone, the lock "${observed?.live.lock ?? ""}" stayed): it is an empty shell, and whose can't be told - ` +
          `on ${node}, see that it is (qm config ${vmid}), then remove it: qm unlock ${vmid} && qm destroy ${vmid}`,
      );
    // Judged after the next look: the task may have ended since this one.
    idle = !(await isBeingMade(client, inputs));
    if (Date.now() > until)
      throw new Error(`it is still being created by another task of Proxmox - wait for its end (task list of ${node})`);
    await delay(pause);
  }
}

async function takeUp(creation: Creation, refusal: unknown): Promise<VmState> {
  const { client, inputs, tell, node } = creation;
  const observed = await created(creation);
  if (observed === undefined)
    throw new Error(`${(refusal as Error).message}. Nothing was changed - choose another vmid`, { cause: refusal });
  if (!isMarked(observed, inputs.uuid)) assertOurs(observed, inputs);
  await claimClone(client, inputs);
  return converge({ client, node, vmid: inputs.vmid, wanted: inputs, recorded: {}, made: true, tell });
}

/** The one call that makes it; whose it is goes with it. @returns the task. */
function begin({ client, inputs, macs, node }: Creation): Promise<string> {
  if (inputs.clone !== undefined) return startClone(client, inputs, inputs.clone);
  const params = createParams(inputs, macs);
  const given = node === undefined ? params : withoutRootOnly(params);
  return client.post<string>(`/nodes/${encodeURIComponent(inputs.node)}/qemu`, given);
}

export async function createVm(creation: Creation): Promise<VmState> {
  const { client, inputs, tell, node } = creation;
  vmListing.forget(client);
  try {
    await follow(creation, await begin(creation), { timeoutMs: COPY_TIMEOUT_MS });
  } catch (error) {
    if (isAlreadyExists(error)) return takeUp(creation, error);
    throw error;
  }
  if (inputs.clone !== undefined) await claimClone(client, inputs);
  return converge({ client, node, vmid: inputs.vmid, wanted: inputs, recorded: {}, made: true, tell });
}
