/** What people look up of a VM or a storage: the stack's outputs. Pure. */
import { vmAddress } from "../house/addresses";
import { vcpus } from "../house/capacity";
import type { House } from "../house/schema";
import type { KnownDisk, KnownVm } from "../house/unknowns";
import type { StorageSpec } from "../providers/proxmox/storage/args";

export interface VmSummary {
  readonly vmid: number;
  readonly hostname: string;
  readonly address?: string;
  readonly state?: string;
  readonly cpu: string;
  /** `8GiB, 4GiB at least` */
  readonly memory: string;
  /** By slot: `82GiB on local-lvm`. */
  readonly disks: Readonly<Record<string, string>>;
  /** Properties that wait for the VM's next boot. */
  readonly pending: readonly string[];
}

export function vmSummary(house: House, vm: KnownVm, pending: readonly string[]): VmSummary {
  return {
    vmid: vm.vmid,
    hostname: vm.hostname,
    address: vmAddress(house, vm),
    state: vm.state,
    cpu: [`${vcpus(vm) ?? 0} cores`, vm.cpu.type].filter((part) => part !== undefined).join(" "),
    memory: vm.balloon === undefined ? vm.memory : `${vm.memory}, ${vm.balloon} at least`,
    disks: Object.fromEntries(Object.entries(vm.disks).map(([slot, disk]) => [slot, diskText(disk)])),
    pending,
  };
}

const diskText = (disk: KnownDisk): string =>
  disk.physical === true ? `the host's ${disk.path}` : `${disk.size} on ${disk.storage}`;

/** `nfs 192.168.86.43:/volume1/infinity-node` */
export function storageSummary(storage: StorageSpec): string {
  switch (storage.type) {
    case "dir":
      return `dir ${storage.path}`;
    case "lvmthin":
      return `lvmthin ${storage.volumeGroup}/${storage.thinPool}`;
    case "nfs":
      return `nfs ${storage.server}:${storage.export}`;
  }
}
