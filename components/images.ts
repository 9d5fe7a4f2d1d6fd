/** The files that Proxmox downloads for the house. Wiring only. */
import * as pulumi from "@pulumi/pulumi";
import type { House } from "../house/schema";
import type { KnownVm } from "../house/unknowns";
import { DownloadedImage } from "../providers/proxmox/image/resource";
import { imageArgs } from "./imageArgs";
import type { Storages } from "./storages";

export interface ImagesArgs {
  readonly house: House;
  readonly storages: Storages;
}

export class Images extends pulumi.ComponentResource {
  /** By the house's name. */
  declare readonly byName: Readonly<Record<string, DownloadedImage>>;

  constructor(name: string, { house, storages }: ImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("infinity:house:Images", name, {}, opts);
    this.byName = Object.fromEntries(
      Object.entries(house.images ?? {}).map(([id, image]) => [
        id,
        new DownloadedImage(id, imageArgs(house, image), { parent: this, dependsOn: storages.named(image.storage) }),
      ]),
    );
    this.registerOutputs({});
  }

  /** The images that a VM's disks are made from: they have to be there before it. */
  usedBy(vm: KnownVm): DownloadedImage[] {
    return Object.values(vm.disks).flatMap((disk) =>
      disk.physical === true || disk.image === undefined ? [] : (this.byName[disk.image] ?? []),
    );
  }
}
