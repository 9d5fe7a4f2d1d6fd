/** Takes an existing VM into the state, whoever made it. Reads only. */
import { differences } from "../../differences";
import type { ProxmoxClient } from "../client";
import { fromApi } from "../vm/fromApi";
import type { VmInputs, VmState } from "../vm/inputs";
import { observeListedVm } from "../vm/observe";
import { smbiosUuid } from "../vm/config";
import { identityOf } from "../vm/ownership";
import { stateOf } from "../vm/state";
import { sentences, whichCount } from "./differing";
import type { Adoption } from "../../adoption";

interface Taking {
  readonly client: ProxmoxClient;
  readonly inputs: VmInputs;
  readonly adoption: Adoption;
}

/**
 * Records by what the VM is known from now on: its own smbios1 uuid, because giving it ours would be a write, and one
 * that its guest sees.
 * @throws Error where it is not there, differs, or has nothing by which it could be told from another one.
 */
export async function adoptVm({ client, inputs, adoption }: Taking): Promise<VmState> {
  const { node, vmid, uuid } = inputs;
  const observed = await observeListedVm(client, node, vmid, inputs.power);
  if (observed === undefined)
    throw new Error(`it is not on node ${node}, and adopting makes none - restore it, or take it out of the house`);
  if (observed.live.lock === "create")
    throw new Error(`it is still being made by a task of Proxmox - wait for its end (task list of ${node})`);
  if (observed.live.template === "1")
    throw new Error("it is a template, and the house has VMs only - take it out of the house");
  const identity = identityOf(observed.wanted);
  if (identity === undefined)
    throw new Error(
      `it has no smbios1 uuid and no record of when it was made, so nobody could tell it from another VM of its number - ` +
        `give it one and run up: qm set ${vmid} --smbios1 uuid=${uuid}`,
    );
  const adopted = smbiosUuid(observed.wanted) === uuid ? undefined : identity;
  const live = fromApi(observed, inputs, { adopted: identity });
  const found = whichCount(differences(live, inputs));
  if (found.length === 0) return stateOf(observed, inputs, { adopted });
  // A node is no property that an up could change.
  if (adoption === "matching" || live.node !== node)
    throw new Error(`it differs from the house, so it was not taken over - ${sentences(found)}`);
  return stateOf(observed, live, { adopted });
}
