/**
 * The thin side of a dynamic provider: what stands in the program and in the state. The text in the state is a constant
 * of some 110 bytes that forwards to the compiled lifecycle, so that a code change changes no resource, and refresh and
 * delete always run today's code (docs/decisions/0002-thin-provider.md).
 */
import * as pulumi from "@pulumi/pulumi";

/**
 * The text that Pulumi's dynamic-provider process evaluates: its working directory is the project's. engine/provider.cjs
 * refuses where bin/ is not what the sources say.
 * @param module path of the compiled lifecycle below `bin/`, without `.js`: `providers/proxmox/vm/lifecycle`.
 */
export const forwarder = (module: string): string =>
  `exports.handler = () => require("./engine/provider.cjs").lifecycleOf("${module}")`;

export abstract class ForwardedResource extends pulumi.CustomResource {
  /**
   * @param type `proxmox:Vm`; stands in URNs as `pulumi-nodejs:dynamic/proxmox:Vm`.
   * @param module see {@link forwarder}.
   * @param outputs names of the outputs that are no inputs: the SDK resolves only properties it was told of.
   */
  constructor(
    type: `${string}:${string}`,
    module: string,
    name: string,
    args: pulumi.Inputs,
    outputs: readonly string[],
    opts?: pulumi.CustomResourceOptions,
  ) {
    const declared = Object.fromEntries(outputs.map((output) => [output, undefined]));
    super(`pulumi-nodejs:dynamic/${type}`, name, { ...declared, ...args, __provider: forwarder(module) }, opts);
  }
}
