/** One VM of a Proxmox node, in the program. What it does stands in {@link lifecycle}, which runs in a process of its own. */
import * as pulumi from "@pulumi/pulumi";
import { ForwardedResource } from "../../resource";
import type { VmArgs } from "./args";
import { VM_OUTPUTS } from "./inputs";

export class Vm extends ForwardedResource {
  declare readonly vmid: pulumi.Output<number>;
  declare readonly node: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  /** Power state when it was last looked at. */
  declare readonly status: pulumi.Output<"running" | "stopped">;
  /** Properties whose change waits for the VM's next start. */
  declare readonly pending: pulumi.Output<readonly string[]>;
  /** By slot: MACs that Proxmox gave out. */
  declare readonly macs: pulumi.Output<Readonly<Record<string, string>>>;
  /** By slot: the guest's addresses, where the house asks its agent for them. */
  declare readonly addresses: pulumi.Output<Readonly<Record<string, readonly string[]>> | undefined>;
  /** By slot: volumes that Proxmox allocated. */
  declare readonly volumes: pulumi.Output<Readonly<Record<string, string>>>;

  /** Removed from the program it is forgotten, not destroyed, unless `deletable` was in place in an earlier run. */
  constructor(name: string, args: VmArgs, opts?: pulumi.CustomResourceOptions) {
    super("proxmox:Vm", "providers/proxmox/vm/lifecycle", name, args, VM_OUTPUTS, {
      ...opts,
      retainOnDelete: args.deletable !== true,
    });
  }
}
