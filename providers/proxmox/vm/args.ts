/**
 * What a house says of one Proxmox VM: the manual of the `Vm` resource. Keys that are left out are left as they are on
 * the server. Names in PVE's own words (`GET /nodes/{node}/qemu/{vmid}/config`) where people use them.
 */
import type { Size } from "../../../values/size";
import type { Wired } from "../../wired";

/** `scsi0`-`scsi30`, `virtio0`-`virtio15`, `sata0`-`sata5`, `ide0`-`ide3` (PVE 8.4's bounds). */
export type DiskSlot = `${"scsi" | "virtio" | "sata" | "ide"}${number}`;
/** `net0`-`net31`. */
export type NicSlot = `net${number}`;

export interface DiskOptions {
  /** Host cache mode. In place; pending until the next boot while the VM runs. @default Proxmox's: no cache */
  readonly cache?: "none" | "writethrough" | "writeback" | "unsafe" | "directsync";
  /** Pass the guest's TRIM on to the storage. In place, pending while running. @default false */
  readonly discard?: boolean;
  /** Show the disk as an SSD. Not on virtio. In place, pending while running. @default false */
  readonly ssd?: boolean;
  /** An I/O thread of its own. Only scsi (controller `virtio-scsi-single`) and virtio. Pending while running. @default false */
  readonly iothread?: boolean;
  /** Part of vzdump backups. In place, live. @default true */
  readonly backup?: boolean;
  /** Read-only to the guest. Only scsi and virtio. Pending while running. @default false */
  readonly readOnly?: boolean;
}

/** A file on a storage that disks are made from. */
export interface DiskImage {
  /** The house's name of it. Another one for a disk that is there is refused in `check`. */
  readonly name: string;
  /** `local:import/debian-12.qcow2`. A later one of the same name changes nothing on disks that are there. */
  readonly volume: string;
}

/** A volume on a storage: a new one is empty, unless `image` or `volume` says what it begins with. */
export interface VolumeDisk extends DiskOptions {
  /** Storage id. Another one moves the disk there in place, while the VM runs too; its data is copied once. */
  readonly storage: string;
  /** Grows in place; a smaller size is refused in the preview: Proxmox can't shrink a disk. */
  readonly size: Size;
  /** What a new disk is made from; it then grows to `size`. Said later, of a disk that is there, it is refused in `check`. */
  readonly image?: DiskImage;
  /**
   * An existing volume of this VM that a new slot takes, without a copy: a detached one (`unusedN`), or one out of another
   * slot that the house takes out. Said later, of a disk that is there, it is refused in `check`.
   */
  readonly volume?: string;
}

/** A whole disk of the host, handed through. Only root may set it; never resized, moved or freed. */
export interface PhysicalDisk extends DiskOptions {
  /** Stable path: `/dev/disk/by-id/...`. */
  readonly path: `/dev/${string}`;
}

export type Disk = VolumeDisk | PhysicalDisk;

export interface Nic {
  /** @default "virtio" */
  readonly model?: "virtio" | "e1000" | "e1000e" | "rtl8139" | "vmxnet3";
  /** Bridge of the node. In place. */
  readonly bridge: string;
  /** VLAN tag, 1-4094. In place. */
  readonly vlan?: number;
  /** Proxmox's firewall on this NIC. In place. @default false */
  readonly firewall?: boolean;
  /** MAC address; kept as Proxmox gave it out where the house names none. */
  readonly mac?: string;
}

/** `hostpci0`-`hostpci15`. */
export type PciSlot = `hostpci${number}`;
/** `usb0`-`usb13`. */
export type UsbSlot = `usb${number}`;

export interface PciOptions {
  /** As a PCI Express device: machine q35 only. Pending while running. @default false */
  readonly pcie?: boolean;
  /** The VM's first graphics card, in place of the virtual one. Pending while running. @default false */
  readonly primaryGpu?: boolean;
  /** Type of a mediated device: `i915-GVTg_V5_4`. Pending while running. */
  readonly mdev?: string;
  /** Whether the guest sees the card's ROM. Pending while running. @default true */
  readonly rom?: boolean;
}

/** By its address, which only root may: `00:02.0`, or `01:00` for all its functions. */
export interface RawPci extends PciOptions {
  readonly device: string;
}

/** By the name of a resource mapping of the cluster; takes Mapping.Use on it. */
export interface MappedPci extends PciOptions {
  readonly mapping: string;
}

export type PciDevice = RawPci | MappedPci;

/** By vendor and product (`046d:c52b`) or by port (`1-2`), which only root may; or by a resource mapping. */
export type UsbDevice =
  | { readonly device: string; readonly usb3?: boolean }
  | {
      readonly mapping: string;
      /** As a USB 3 device. @default false */
      readonly usb3?: boolean;
    };

export interface CloudInit {
  /** Slot of the drive. @default "ide2" */
  readonly slot?: DiskSlot;
  /** Storage of the generated image. */
  readonly storage: string;
  readonly user?: string;
  /** OpenSSH public keys, one a string. */
  readonly sshKeys?: readonly string[];
  /** By NIC: `192.168.86.172/24` with its gateway, or `dhcp`. */
  readonly addresses?: Readonly<Record<NicSlot, { readonly address: string; readonly gateway?: string }>>;
  readonly nameservers?: readonly string[];
  readonly searchDomain?: string;
}

/** What a new VM is a copy of. */
export interface Clone {
  /** VMID of a template, or of another VM. */
  readonly from: number;
  /** Whether disks are copied; otherwise they share the template's. @default Proxmox's: linked to a template, a copy of a VM */
  readonly full?: boolean;
  /** Storage of the copied disks. @default the disks' own, where they all have one; else where the original's lie */
  readonly storage?: string;
}

export interface VmSpec {
  /** Node that holds the VM. Another node than the VM's is refused in `check`: migrate it in Proxmox first. */
  readonly node: string;
  /** VMID, 100-999999999. Never changed: another one is refused in `check`. */
  readonly vmid: number;
  /**
   * smbios1 uuid: whose VM it is. Sent in the first call, so that a run killed before the state was written knows its
   * own VM again; checked before every change. Never changed.
   */
  readonly uuid: string;
  /** What a new VM begins as; the rest of the house is then laid over it. Said later, of a VM that is there, it is refused. */
  readonly clone?: Clone;
  /** Host name as Proxmox shows it: DNS labels. In place, live. */
  readonly name: string;
  /** Notes. In place, live. */
  readonly description?: string;
  /** Lower-cased, sorted, unique. In place, live. */
  readonly tags?: readonly string[];
  /** In place; pending until the next boot while the VM runs. */
  readonly cpu?: {
    /** Left as it is where the house names none: a new VM gets PVE 8.4's kvm64. */
    readonly type?: string;
    /** Cores a socket. */
    readonly cores: number;
    /** @default 1 */
    readonly sockets?: number;
    /** CPUs of the host that it runs on: `0-3,8`; "" for all. Only root may set it. Takes effect at the next start. */
    readonly affinity?: string;
  };
  /** Maximum RAM, whole MiB. Pending until the next boot while the VM runs. */
  readonly memory: Size;
  /** RAM that the balloon driver leaves at least, whole MiB, at most `memory`; `0MiB` turns ballooning off. @default memory */
  readonly balloon?: Size;
  /** @default "virtio-scsi-single" for a VM that this resource creates */
  readonly scsiController?: "virtio-scsi-single" | "virtio-scsi-pci" | "lsi" | "lsi53c810" | "megasas" | "pvscsi";
  /** By slot. A disk taken out is detached to `unusedN`, never freed. */
  readonly disks?: Readonly<Record<DiskSlot, Disk>>;
  /** By slot. A NIC taken out is removed. */
  readonly nics?: Readonly<Record<NicSlot, Nic>>;
  /** PCI devices of the host, by slot. One taken out is removed. Pending while running. */
  readonly pci?: Readonly<Record<PciSlot, PciDevice>>;
  /** USB devices of the host, by slot. One taken out is removed. */
  readonly usb?: Readonly<Record<UsbSlot, UsbDevice>>;
  /** Arguments for QEMU itself; "" for none. Only root may set them. Pending while running. */
  readonly args?: string;
  /** Volume of a script that Proxmox runs as root around the VM's start and stop; "" for none. Only root may set it. In place. */
  readonly hookScript?: string;
  /** Keys in place; the guest sees them at its next boot. */
  readonly cloudInit?: CloudInit;
  /** Boot order, slots of disks and NICs. In place, pending while running. @default as Proxmox computes it */
  readonly boot?: readonly string[];
  /** QEMU guest agent. In place, pending while running. */
  readonly agent?: boolean;
  /**
   * Whether the guest's addresses, as its agent tells them, are outputs. A guest that this run starts is waited for, 90 s at
   * most; a silent one stops nothing. Needs `agent`. @default false
   */
  readonly agentAddresses?: boolean;
  /** Start with the node (`onboot`). In place. */
  readonly startAtBoot?: boolean;
  /** Order (ascending) and delays in seconds. In place. Needs `Sys.Modify` on `/`. */
  readonly startup?: { readonly order?: number; readonly upDelay?: number; readonly downDelay?: number };
  /** Proxmox refuses to delete the VM or its disks. In place. */
  readonly protection?: boolean;
  /** Guest type: `l26`, `win11`, ... In place, pending while running. @default "l26" for a VM that this resource creates */
  readonly osType?: string;
  /** Machine type: `q35`, `pc-i440fx-9.2+pve1`. Pending while running. */
  readonly machine?: string;
  /** Pending while running. */
  readonly bios?: "seabios" | "ovmf";
  /** Wanted power state; left out: as it is. Nothing reboots a VM on its own; `stopped` shuts it down. */
  readonly power?: "running" | "stopped";
  /**
   * Whether removing this VM from the house destroys it and its disks. Has to be in place in an earlier `up`; even
   * then a running or protected VM, or one with a physical disk, is refused. @default false: it is forgotten, not deleted
   */
  readonly deletable?: boolean;
  /**
   * Whether a VM that was deleted in Proxmox is made again with new, empty disks. @default false: `check` refuses, and
   * says how to restore it
   */
  readonly recreate?: boolean;
}

export type VmArgs = Wired<VmSpec>;
