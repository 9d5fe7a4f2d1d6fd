/** One file that Proxmox downloaded to a storage, in the program. What it does stands in lifecycle.ts. */
import * as pulumi from "@pulumi/pulumi";
import { ForwardedResource } from "../../resource";
import type { ImageArgs } from "./args";
import { IMAGE_OUTPUTS } from "./inputs";

export class DownloadedImage extends ForwardedResource {
  /** Volume id of the file: `local:import/debian-12.qcow2`. */
  declare readonly volume: pulumi.Output<string>;
  /** Bytes of the file. */
  declare readonly size: pulumi.Output<number>;

  /** Removed from the program it is forgotten: the file stays. */
  constructor(name: string, args: ImageArgs, opts?: pulumi.CustomResourceOptions) {
    super("proxmox:DownloadedImage", "providers/proxmox/image/lifecycle", name, args, IMAGE_OUTPUTS, {
      ...opts,
      retainOnDelete: true,
    });
  }
}
