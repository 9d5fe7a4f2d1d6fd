/** The NAS of a house as a guest of the lab: its card, its disk, and what its first boot makes of it. Pure. */
import type { MachineSpec } from "../proxmox/machines";
import type { Subnet } from "./subnet";

export interface NasPlan {
  /** `192.168.86.43` */
  readonly address: string;
  readonly subnet: Subnet;
  /** What it exports: `/volume1/infinity-node`. */
  readonly export: string;
  /** Folders of the export: `media/movies`. */
  readonly folders: readonly string[];
  /** Who the folders belong to, by number. */
  readonly owner: { readonly uid: number; readonly gid: number };
}

/** No VM of the lab's Proxmox has it. */
export const NAS_ID = 0;

/** It boots with less than the house's machines: it has one thing to do. */
export const NAS_MEMORY_MIB = 384;

/** Takes only what is written. */
const DISK_BYTES = 16 * 2 ** 30;

const MAC = "02:00:00:00:00:43";

export function nasMachine({ address, subnet: { cidr, gateway } }: NasPlan): MachineSpec {
  const prefix = cidr.split("/")[1] ?? "24";
  return {
    vmid: NAS_ID,
    config: {
      ...{ name: "nas", agent: "1", boot: "order=scsi0", scsi0: "disk", ide2: "cloudinit,media=cdrom", ciupgrade: "0" },
      ...{ net0: `virtio=${MAC}`, ipconfig0: `ip=${address}/${prefix},gw=${gateway}` },
    },
    disks: { scsi0: DISK_BYTES },
  };
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Cloud-init's vendor data. As a NAS in a house does, it lets root of the machines be root. The same folders at each start
 * are nothing new: what is in them stays.
 */
export function nasVendorData({ export: exported, folders, owner, subnet }: NasPlan): string {
  const paths = [exported, ...folders.map((folder) => `${exported}/${folder}`)];
  const commands = [
    ...paths.map((path) => `mkdir -p ${quoted(path)} && chown ${owner.uid}:${owner.gid} ${quoted(path)}`),
    "systemctl enable --now nfs-server.service",
  ];
  const line = `${exported.replace(/[\s"]/g, (found) => `\\0${found.charCodeAt(0).toString(8)}`)} ${subnet.cidr}(rw,no_subtree_check,no_root_squash,fsid=1)\n`;
  const files = [{ path: "/etc/exports", content: line }];
  // JSON is YAML.
  return `#cloud-config\n${JSON.stringify({ write_files: files, runcmd: commands }, undefined, 1)}\n`;
}
