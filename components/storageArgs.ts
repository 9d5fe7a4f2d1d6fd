/** From what the house says of a storage to what the Proxmox resource is asked. Pure. */
import { nfsSource } from "../house/addresses";
import type { House, HouseStorage } from "../house/schema";
import type { StorageSpec } from "../providers/proxmox/storage/args";

export function storageArgs(house: House, id: string, storage: HouseStorage): StorageSpec {
  // The size is for people: Proxmox asks the storage itself.
  const { size, ...options } = storage;
  if (options.type !== "nfs") return { ...options, storage: id };
  const source = nfsSource(house, options);
  if (!source) throw new Error(`storages.${id}: the house's checks let an NFS storage without server or export pass`);
  return { ...options, ...source, storage: id };
}
