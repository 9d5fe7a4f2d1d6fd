/** One Compose stack on a guest, in the program. What it does stands in lifecycle.ts. */
import * as pulumi from "@pulumi/pulumi";
import { ForwardedResource } from "../resource";
import type { Wired } from "../wired";
import type { ComposeStackSpec } from "./args";

/** Of its variables each may be secret, or come out of another resource. */
export type ComposeStackArgs = Omit<Wired<ComposeStackSpec>, "env"> & {
  readonly env?: Readonly<Record<string, pulumi.Input<string>>>;
};

export class ComposeStack extends ForwardedResource {
  declare readonly project: pulumi.Output<string>;
  declare readonly services: pulumi.Output<ComposeStackSpec["services"]>;

  /** Removed from the program it is forgotten and runs on, unless `deletable` was in place in an earlier run. */
  constructor(name: string, args: ComposeStackArgs, opts?: pulumi.CustomResourceOptions) {
    super("compose:ComposeStack", "providers/compose/lifecycle", name, args, [], {
      ...opts,
      retainOnDelete: args.deletable !== true,
    });
  }
}
