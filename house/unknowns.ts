/** What nobody has said yet about the house, and which of its VMs are known well enough to be declared. Pure. */
import type { House, Vm, VmDisk } from "./schema";
import type { DiskSlot } from "./sections/disk";

export interface Unknown {
  /** `vms.downloads.disks.scsi1.path` */
  readonly path: string;
  /** What is missing, in words. */
  readonly missing: string;
}

type VolumeDisk = Extract<VmDisk, { storage: string }>;
type PhysicalDisk = Extract<VmDisk, { physical: true }>;
/** A disk whose place is known. */
export type KnownDisk = VolumeDisk | (PhysicalDisk & { readonly path: `/dev/${string}` });

/** A VM with every figure that it takes to make it. */
export type KnownVm = Omit<Vm, "cpu" | "memory" | "disks" | "hostname"> & {
  /** The short name where the house names no other. */
  readonly hostname: string;
  readonly cpu: NonNullable<Vm["cpu"]>;
  readonly memory: NonNullable<Vm["memory"]>;
  readonly disks: Readonly<Record<DiskSlot, KnownDisk>>;
};

const isKnownDisk = (disk: VmDisk): disk is KnownDisk => disk.physical !== true || disk.path !== undefined;

const vmUnknowns = (name: string, vm: Vm): Unknown[] => {
  const path = `vms.${name}`;
  const missing = [
    ...(vm.cpu ? [] : [{ path: `${path}.cpu`, missing: "its vCPUs" }]),
    ...(vm.memory ? [] : [{ path: `${path}.memory`, missing: "its RAM" }]),
    ...(vm.disks ? [] : [{ path: `${path}.disks`, missing: "its disks" }]),
    ...Object.entries(vm.disks ?? {})
      .filter(([, disk]) => !isKnownDisk(disk))
      .map(([slot]) => ({
        path: `${path}.disks.${slot}.path`,
        missing: "which disk of the host: /dev/disk/by-id/...",
      })),
  ];
  // A VM with all figures is simply called by its short name; of one without, its name is not known either.
  const nameless = missing.length > 0 && vm.hostname === undefined;
  return nameless ? [...missing, { path: `${path}.hostname`, missing: "its host name" }] : missing;
};

/** Without the first four there is no droplet in the graph, without the zone there are no names. */
function tunnelUnknowns({ droplet, zone, exposed }: NonNullable<House["tunnel"]>): Unknown[] {
  const { size, region, image, sshKeys } = droplet ?? {};
  const open = [
    ["droplet.size", "size of the droplet", size],
    ["droplet.region", "region of the droplet", region],
    ["droplet.image", "image of the droplet", image],
    ["droplet.sshKeys", "SSH keys of the droplet", sshKeys],
    ["zone", "Cloudflare's id of the domain's zone", zone],
    ["exposed", "names of the services that are reached from outside", exposed],
  ] as const;
  return open.flatMap(([path, missing, value]) => (value === undefined ? [{ path: `tunnel.${path}`, missing }] : []));
}

/** Whose keys let a user in: left as they are while nobody knows. */
const keyUnknowns = ({ guests, vms }: House): Unknown[] =>
  Object.values(vms).some(({ guest }) => guest)
    ? Object.entries(guests?.users ?? {}).flatMap(([name, { keys }]) =>
        keys ? [] : [{ path: `guests.users.${name}.keys`, missing: `public keys of ${name}` }],
      )
    : [];

/** Everything that the house leaves open, section by section. */
export function unknowns(house: House): Unknown[] {
  const { network, hypervisor, tunnel } = house;
  return [
    ...(network && !network.dns ? [{ path: "network.dns", missing: "name servers" }] : []),
    ...(hypervisor.cpus === undefined ? [{ path: "hypervisor.cpus", missing: "CPUs of the host" }] : []),
    ...(hypervisor.memory === undefined ? [{ path: "hypervisor.memory", missing: "RAM of the host" }] : []),
    ...Object.entries(house.vms).flatMap(([name, vm]) => vmUnknowns(name, vm)),
    ...keyUnknowns(house),
    ...(tunnel ? tunnelUnknowns(tunnel) : []),
  ];
}

/** The VMs that can be declared, by short name: those with every figure. The others are left alone until then. */
export function declarable(house: House): Record<string, KnownVm> {
  return Object.fromEntries(
    Object.entries(house.vms).flatMap(([name, vm]) => {
      const { cpu, memory, disks, hostname = name } = vm;
      if (!cpu || !memory || !disks || vmUnknowns(name, vm).length > 0) return [];
      return [[name, { ...vm, hostname, cpu, memory, disks: disks as KnownVm["disks"] }] as const];
    }),
  );
}
