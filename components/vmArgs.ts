/** From what the house says of a VM to what the Proxmox resource is asked. Pure. */
import { cloudInitAddress, dotted } from "../house/addresses";
import { imageVolume } from "../house/images";
import type { House } from "../house/schema";
import { pciOf } from "../house/transcoding";
import type { KnownDisk, KnownVm } from "../house/unknowns";
import type { CloudInit, Disk, VmSpec } from "../providers/proxmox/vm/args";

/** @param uuid see components/identity.ts. */
export function vmArgs(house: House, vm: KnownVm, uuid: string): VmSpec {
  // What is for people or other components stays here; the rest goes to Proxmox under the same names.
  const {
    hostname,
    purpose,
    state,
    disks,
    clone,
    cloudInit,
    priority,
    address,
    services,
    guest,
    transcoding,
    ...options
  } = vm;
  return {
    description: purpose,
    ...options,
    node: house.hypervisor.node,
    uuid,
    clone: clone && {
      ...clone,
      from: typeof clone.from === "number" ? clone.from : (house.vms[clone.from]?.vmid ?? 0),
    },
    name: hostname,
    power: state,
    pci: pciOf(vm),
    disks: Object.fromEntries(Object.entries(disks).map(([slot, disk]) => [slot, diskArgs(house, disk)])),
    cloudInit: cloudInit && cloudInitArgs(house, vm, cloudInit),
  };
}

function diskArgs(house: House, disk: KnownDisk): Disk {
  if (disk.physical === true) {
    // A physical disk has the size it has: Proxmox is not told.
    const { physical, size, ...args } = disk;
    return args;
  }
  const { physical, image: name, ...args } = disk;
  const image = name === undefined ? undefined : house.images?.[name];
  return { ...args, ...(name !== undefined && image && { image: { name, volume: imageVolume(image) } }) };
}

function cloudInitArgs(house: House, vm: KnownVm, given: NonNullable<KnownVm["cloudInit"]>): CloudInit {
  const nameservers = given.nameservers ?? house.network?.dns;
  return {
    ...given,
    addresses: { net0: cloudInitAddress(house, vm) },
    nameservers: nameservers?.flatMap((server) => dotted(house, server) ?? []),
  };
}
