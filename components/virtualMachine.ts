/** One VM of the house. Wiring only. */
import * as pulumi from "@pulumi/pulumi";
import { vmAddress } from "../house/addresses";
import { knownGuests } from "../house/guests";
import type { House } from "../house/schema";
import type { KnownVm } from "../house/unknowns";
import { Vm } from "../providers/proxmox/vm/resource";
import { GuestSystem } from "./guestSystem";
import { vmUuid } from "./identity";
import { vmArgs } from "./vmArgs";

export interface VirtualMachineArgs {
  readonly house: House;
  /** The VM with every figure; see house/unknowns.ts. */
  readonly vm: KnownVm;
}

/** From Proxmox's hardware up to what runs on it. */
export class VirtualMachine extends pulumi.ComponentResource {
  declare readonly vm: Vm;
  /** Dotted address, where the house knows it. */
  declare readonly address: string | undefined;
  /** What is inside it, where the house looks into it. */
  declare readonly system: GuestSystem | undefined;

  constructor(name: string, { house, vm }: VirtualMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("infinity:house:VirtualMachine", name, {}, opts);
    const uuid = vmUuid(pulumi.getProject(), pulumi.getStack(), vm.vmid);
    this.vm = new Vm(name, vmArgs(house, vm, uuid), { parent: this });
    this.address = vmAddress(house, vm);
    const guest = knownGuests(house)[name];
    this.system = guest && new GuestSystem(name, { house, guest, vm: this.vm }, { parent: this });
    this.registerOutputs({});
  }
}
