/** The storages of the house in Proxmox. Wiring only. */
import * as pulumi from "@pulumi/pulumi";
import type { House } from "../house/schema";
import type { KnownVm } from "../house/unknowns";
import { Storage } from "../providers/proxmox/storage/resource";
import { storageArgs } from "./storageArgs";

export class Storages extends pulumi.ComponentResource {
  /** By storage id. */
  declare readonly byId: Readonly<Record<string, Storage>>;

  constructor(name: string, { house }: { readonly house: House }, opts?: pulumi.ComponentResourceOptions) {
    super("infinity:house:Storages", name, {}, opts);
    this.byId = Object.fromEntries(
      Object.entries(house.storages ?? {}).map(([id, storage]) => [
        id,
        new Storage(id, storageArgs(house, id, storage), { parent: this }),
      ]),
    );
    this.registerOutputs({});
  }

  /** The storages that a VM's disks lie on: they have to be there before it. */
  usedBy(vm: KnownVm): Storage[] {
    const ids = [
      ...Object.values(vm.disks).map((disk) => (disk.physical === true ? undefined : disk.storage)),
      vm.cloudInit?.storage,
    ];
    return ids.flatMap((id) => (id === undefined ? [] : this.named(id)));
  }

  /** None where the house leaves the storage to Proxmox. */
  named(id: string): Storage[] {
    return this.byId[id] === undefined ? [] : [this.byId[id]];
  }
}
