/** A small house with one of each kind of thing that a call changes, and what becomes of it. */
import type { VmSpec } from "../../providers/proxmox/vm/args";
import type { House } from "./program";

const shared: House[string] = {
  kind: "storage",
  spec: {
    storage: "shared",
    type: "nfs",
    server: "192.168.86.43",
    export: "/volume1/house",
    content: ["images"],
    deletable: true,
  },
};

export const machine = (vmid: number, more: Partial<VmSpec> = {}): House[string] => ({
  kind: "vm",
  spec: {
    node: "infinity-node",
    vmid,
    uuid: `5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9${vmid}`,
    name: `vm-${vmid}`,
    memory: "2GiB",
    cpu: { cores: 2 },
    nics: { net0: { bridge: "vmbr0" } },
    deletable: true,
    ...more,
  },
});

/** From nothing to this. */
export const first: House = {
  shared,
  media: machine(100, {
    disks: {
      scsi0: { storage: "local-lvm", size: "8GiB" },
      scsi1: { storage: "shared", size: "4GiB" },
      scsi3: { storage: "local-lvm", size: "1GiB" },
    },
    nics: { net0: { bridge: "vmbr0" }, net1: { bridge: "vmbr0", vlan: 20 } },
    cloudInit: { storage: "local-lvm", user: "evan", addresses: { net0: { address: "dhcp" } } },
    protection: true,
    power: "running",
  }),
  spare: machine(101, { disks: { virtio0: { storage: "local-lvm", size: "2GiB" } }, power: "stopped" }),
};

/** Shut down, its protection lifted, disks detached, added and grown, a NIC less, and started again the other one. */
export const second: House = {
  shared: { kind: "storage", spec: { ...shared.spec, content: ["images", "iso"] } as never },
  media: machine(100, {
    disks: {
      scsi0: { storage: "local-lvm", size: "12GiB" },
      scsi1: { storage: "shared", size: "4GiB", backup: false },
      scsi2: { storage: "shared", size: "1GiB" },
    },
    memory: "3GiB",
    protection: false,
    power: "stopped",
  }),
  spare: machine(101, {
    disks: { virtio0: { storage: "local-lvm", size: "3GiB" }, virtio1: { storage: "local-lvm", size: "2GiB" } },
    power: "running",
  }),
};

/** As the second, with all off: what may be destroyed. */
export const third: House = { ...second, spare: machine(101, { ...(second.spare?.spec as VmSpec), power: "stopped" }) };

export const nothing: House = {};

const files: House[string] = {
  kind: "storage",
  spec: { storage: "files", type: "dir", path: "/srv/files", content: ["import", "iso"] },
};

const debian: House[string] = {
  kind: "image",
  spec: {
    node: "infinity-node",
    storage: "files",
    file: "debian-12.qcow2",
    content: "import",
    url: "https://cloud.debian.org/images/debian-12.qcow2",
    checksum: `sha256:${"0a".repeat(32)}`,
  },
};

export const image = { name: "debian", volume: "files:import/debian-12.qcow2" };

/** Disks made from a downloaded image, of VMs that run and that don't. */
export const imaged: House = {
  files,
  debian,
  shared,
  media: machine(100, {
    disks: {
      scsi0: { storage: "local-lvm", size: "8GiB", image },
      scsi1: { storage: "shared", size: "4GiB" },
      scsi3: { storage: "local-lvm", size: "1GiB" },
    },
    power: "running",
  }),
  spare: machine(101, {
    disks: { virtio0: { storage: "local-lvm", size: "3GiB", image }, virtio1: { storage: "local-lvm", size: "2GiB" } },
    power: "stopped",
  }),
};

/** Both moved to other storages, grown on the way; volumes taken over into other slots; and one more disk of the image. */
export const moved: House = {
  ...imaged,
  media: machine(100, {
    disks: {
      scsi0: { storage: "shared", size: "8GiB", image },
      scsi1: { storage: "local-lvm", size: "5GiB" },
      scsi2: { storage: "local-lvm", size: "6GiB", image },
      scsi4: { storage: "local-lvm", size: "1GiB", volume: "local-lvm:vm-100-disk-1" },
    },
    power: "running",
  }),
  spare: machine(101, {
    disks: {
      virtio0: { storage: "shared", size: "3GiB", image },
      virtio2: { storage: "local-lvm", size: "2GiB", volume: "local-lvm:vm-101-disk-1" },
    },
    power: "stopped",
  }),
};

/** A VM that others are copies of. */
export const original: House = {
  original: machine(110, {
    disks: { scsi0: { storage: "local-lvm", size: "3GiB" } },
    cloudInit: { storage: "local-lvm", user: "evan" },
  }),
};

/** Copies, one with notes of its own and one without; larger than the original, with a disk more, and one runs. */
export const copies: House = {
  ...original,
  media: machine(100, {
    clone: { from: 110, full: true },
    description: "films",
    disks: { scsi0: { storage: "local-lvm", size: "4GiB" }, scsi1: { storage: "local-lvm", size: "1GiB" } },
    nics: { net0: { bridge: "vmbr0", vlan: 20 } },
    power: "running",
  }),
  spare: machine(101, { clone: { from: 110 }, disks: { scsi0: { storage: "local-lvm", size: "3GiB" } } }),
};
