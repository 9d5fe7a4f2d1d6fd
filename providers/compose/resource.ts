/** One Compose stack on a guest, in the program. What it does stands in lifecycle.ts. */
import * as pulumi from "@pulumi/pulumi";
import { ForwardedResource } from "../resource";
import type { Wired } from "../wired";
import type { ComposeStackSpec } from "./args";

export class ComposeStack extends ForwardedResource {
  declare readonly project: pulumi.Output<string>;
  declare readonly services: pulumi.Output<ComposeStackSpec["services"]>;

  /** Removed from the program it is forgotten and runs on, unless `deletable` was in place in an earlier run. */
  constructor(name: string, args: Wired<ComposeStackSpec>, opts?: pulumi.CustomResourceOptions) {
    super("compose:ComposeStack", "providers/compose/lifecycle", name, args, [], {
      ...opts,
      retainOnDelete: args.deletable !== true,
    });
  }
}
