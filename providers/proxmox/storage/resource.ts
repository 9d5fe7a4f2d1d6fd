/** One storage definition of a Proxmox cluster, in the program. What it does stands in lifecycle.ts. */
import * as pulumi from "@pulumi/pulumi";
import { ForwardedResource } from "../../resource";
import type { StorageArgs } from "./args";
import { STORAGE_OUTPUTS } from "./inputs";

export class Storage extends ForwardedResource {
  declare readonly storage: pulumi.Output<string>;
  declare readonly type: pulumi.Output<"dir" | "lvmthin" | "nfs">;

  /** Removed from the program it is forgotten, not removed, unless `deletable` was in place in an earlier run. */
  constructor(name: string, args: StorageArgs, opts?: pulumi.CustomResourceOptions) {
    super("proxmox:Storage", "providers/proxmox/storage/lifecycle", name, args, STORAGE_OUTPUTS, {
      ...opts,
      retainOnDelete: args.deletable !== true,
    });
  }
}
