/** Destroys a VM and its disks: only one that is ours, said to be deletable in an earlier run, off, and without a disk of the host. */
import type { ProxmoxClient } from "../client";
import { isNotFound } from "../classify";
import type { VmState } from "./inputs";
import { vmListing } from "./listing";
import { observeVm, vmPath } from "./observe";
import type { ObservedVm } from "./observed";
import { assertOurs } from "./ownership";
import { follow } from "./perform";
import { physicalSlots } from "./plan";

function refusals(observed: ObservedVm, { vmid }: VmState): string[] {
  const physical = physicalSlots(observed);
  const protectedNow = observed.live.protection === "1" || observed.wanted.protection === "1";
  return [
    ...(observed.status === "running" ? ["it is running - shut it down first (power: stopped)"] : []),
    ...(protectedNow ? ["it is protected - lift that first (protection: false)"] : []),
    ...physical.map((slot) => `${slot} is a disk of the host - detach it first (qm set ${vmid} --delete ${slot})`),
  ];
}

/** A VM that is gone already is a success. @throws Error with every reason why it stays, and what to do. */
export async function destroyVm(client: ProxmoxClient, state: VmState, tell: (text: string) => void): Promise<void> {
  if (state.deletable !== true)
    throw new Error("not destroyed: it is not deletable - set deletable: true and run up, then remove it");
  // It may have been migrated; that it is not where it was doesn't mean that it is gone.
  vmListing.forget(client);
  const node = (await vmListing.get(client)).get(state.vmid)?.node ?? state.node;
  const observed = await observeVm(client, node, state.vmid);
  if (observed === undefined) return;
  assertOurs(observed, state);
  const reasons = refusals(observed, state);
  if (reasons.length > 0) throw new Error(`not destroyed: ${reasons.join("; ")}`);
  vmListing.forget(client);
  try {
    // What Proxmox doesn't list among the VM's disks is not ours to judge: unreferenced volumes stay.
    await follow({ client, tell }, await client.delete<string>(vmPath(node, state.vmid)));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
