/** VM 100 of a lab, its life, and what is told of it: for tests of what happens to one VM. */
import type { Lifecycle } from "../../../../providers/lifecycle";
import { checkVm } from "../../../../providers/proxmox/vm/check";
import type { VmInputs, VmState } from "../../../../providers/proxmox/vm/inputs";
import { vmLifecycle } from "../../../../providers/proxmox/vm/lifecycle";
import { vmListing } from "../../../../providers/proxmox/vm/listing";
import type { World } from "../../../../lab/proxmox/world";
import type { Lab } from "../lab";

export const NODE = "infinity-node";
export const UUID = "5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9b10";
export const CONFIG = `/nodes/${NODE}/qemu/100/config`;

export interface VmFixture {
  readonly vm: Lifecycle<VmInputs, VmState>;
  /** What the lifecycle said, in order. */
  readonly told: string[];
  /** As `check` passes it on. */
  inputs(more?: object): VmInputs;
  /** A look as another process would take it: nothing that is remembered of earlier calls counts. */
  look(state: VmState): Promise<{ readonly inputs: VmInputs; readonly props: VmState }>;
  /** The VM as the lab keeps it. */
  kept(): NonNullable<World["vms"][number]>;
}

/** @param spec what the house says of VM 100 by default. */
export function vmFixture(lab: Lab, spec: object): VmFixture {
  const told: string[] = [];
  const tell = (text: string) => told.push(text);
  const vm = vmLifecycle({ client: () => lab.client, rootLogin: () => true, tell });
  return {
    vm,
    told,
    inputs: (more = {}) => {
      const given = { node: NODE, vmid: 100, uuid: UUID, ...spec, ...more };
      const { inputs, failures } = checkVm({}, given, () => true);
      if (failures.length > 0) throw new Error(`no VM that check lets pass: ${JSON.stringify(failures)}`);
      return inputs;
    },
    look: async (state) => {
      vmListing.forget(lab.client);
      const { inputs, props } = await vm.read("100", state);
      if (!inputs || !props) throw new Error("it was dropped from the state");
      return { inputs, props };
    },
    kept: () => {
      const found = lab.proxmox.world.vms[100];
      if (!found) throw new Error("no VM 100 in the lab");
      return found;
    },
  };
}
