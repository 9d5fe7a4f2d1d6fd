/** The shape of a VM's inputs, field by field; what holds between fields stands in rules.ts. Pure. */
import { z } from "zod";
import { parseSize, SIZE_RULE } from "../../../values/size";
import { DEVICES } from "./devices";
import { DISK_SLOT_RULE, NIC_SLOT_RULE, diskBus, isNicSlot } from "./slots";

const MIB = 1024 ** 2;

const size = z.string().refine((text) => parseSize(text) !== undefined, { error: SIZE_RULE });
/** PVE counts memory in MiB and allocates disks in steps that hold whole MiB. */
const mibSize = size.refine((text) => (parseSize(text) ?? 0) % MIB === 0, {
  error: "Proxmox takes whole MiB here - round it: 512MiB, 82GiB",
});
const positive = (what: string) =>
  z
    .number()
    .int()
    .min(1, { error: `at least one ${what}` });
const seconds = z.number().int().min(0, { error: "whole seconds, 0 or more" });
const diskSlot = z.string().refine((slot) => diskBus(slot) !== undefined, { error: DISK_SLOT_RULE });
const nicSlot = z.string().refine(isNicSlot, { error: NIC_SLOT_RULE });
const storageId = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]$/, { error: "a storage id is a letter first, two characters or more" });

const DNS_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
const dnsName = z.string().regex(DNS_NAME, {
  error: "Proxmox takes DNS labels: letters, digits and inner hyphens, 63 at most, separated by dots",
});

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAC = /^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/i;
const IPV4_CIDR = /^(?:\d{1,3}\.){3}\d{1,3}\/(?:\d|[12]\d|3[0-2])$/;

const diskOptions = {
  cache: z.enum(["none", "writethrough", "writeback", "unsafe", "directsync"]).optional(),
  discard: z.boolean().optional(),
  ssd: z.boolean().optional(),
  iothread: z.boolean().optional(),
  backup: z.boolean().optional(),
  readOnly: z.boolean().optional(),
};

const volumeId = z.string().regex(/^[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]:[^\s,]+$/, {
  error: "a volume as Proxmox lists it, storage first: local-lvm:vm-100-disk-1",
});
const volumeDisk = z.strictObject({
  storage: storageId,
  size: mibSize,
  image: z.strictObject({ name: z.string().min(1), volume: volumeId }).optional(),
  volume: volumeId.optional(),
  ...diskOptions,
});
const physicalDisk = z.strictObject({
  path: z.string().regex(/^\/dev\/[^\s,]+$/, { error: "a stable path of the host: /dev/disk/by-id/..." }),
  ...diskOptions,
});
/** By what it says: a disk with a path is one of the host's. */
const disk = z.unknown().transform((value, context) => {
  const physical = typeof value === "object" && value !== null && "path" in value;
  const result = (physical ? physicalDisk : volumeDisk).safeParse(value);
  for (const issue of result.error?.issues ?? []) context.addIssue({ ...issue, input: undefined });
  return value;
});

const nic = z.strictObject({
  model: z.enum(["virtio", "e1000", "e1000e", "rtl8139", "vmxnet3"]).optional(),
  bridge: z.string().regex(/^[A-Za-z][\w.-]*$/, { error: "the name of a bridge of the node: vmbr0" }),
  vlan: z.number().int().min(1).max(4094, { error: "a VLAN tag is 1-4094" }).optional(),
  firewall: z.boolean().optional(),
  mac: z.string().regex(MAC, { error: "a unicast MAC address: BC:24:11:00:00:01, the second digit even" }).optional(),
});

const pciSlot = z.string().regex(DEVICES.pci.slot, { error: "slots are hostpci0-hostpci15" });
const usbSlot = z.string().regex(DEVICES.usb.slot, { error: "slots are usb0-usb13" });
const mapping = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]+$/, { error: "the name of a resource mapping" });
const pciOptions = {
  pcie: z.boolean().optional(),
  primaryGpu: z.boolean().optional(),
  mdev: z.string().min(1).optional(),
  rom: z.boolean().optional(),
};
const pci = z.union(
  [
    z.strictObject({
      device: z.string().regex(/^(?:[0-9a-f]{4,}:)?[0-9a-f]{2}:[0-9a-f]{2}(?:\.[0-7])?$/i),
      ...pciOptions,
    }),
    z.strictObject({ mapping, ...pciOptions }),
  ],
  { error: "a PCI device is {device: 00:02.0}, or {mapping: NAME}, with pcie, primaryGpu, mdev, rom" },
);
const usb = z.union(
  [
    z.strictObject({
      device: z.string().regex(/^(?:[0-9a-f]{4}:[0-9a-f]{4}|\d+-\d+(?:\.\d+)*)$/i),
      usb3: z.boolean().optional(),
    }),
    z.strictObject({ mapping, usb3: z.boolean().optional() }),
  ],
  { error: "a USB device is {device: 046d:c52b} or {device: 1-2}, or {mapping: NAME}, with usb3" },
);

const cloudInit = z.strictObject({
  slot: diskSlot.optional(),
  storage: storageId,
  user: z.string().min(1).optional(),
  sshKeys: z
    .array(z.string().regex(/^\S+ \S+/, { error: "an OpenSSH public key: ssh-ed25519 AAAA... name" }))
    .optional(),
  addresses: z
    .record(
      nicSlot,
      z.strictObject({
        address: z.union([z.literal("dhcp"), z.string().regex(IPV4_CIDR)], {
          error: "an address with its prefix (192.168.86.172/24), or dhcp",
        }),
        gateway: z.ipv4().optional(),
      }),
    )
    .optional(),
  nameservers: z.array(z.union([z.ipv4(), z.ipv6()])).optional(),
  searchDomain: z.string().min(1).optional(),
});

export const vmSchema = z.strictObject({
  node: dnsName,
  vmid: z.number().int().min(100).max(999_999_999, { error: "a VMID is 100-999999999" }),
  uuid: z.string().regex(UUID, { error: "a uuid: 8-4-4-4-12 hexadecimal digits" }),
  clone: z
    .strictObject({
      from: z.number().int().min(100, { error: "the VMID of a template or VM" }),
      full: z.boolean().optional(),
      storage: storageId.optional(),
    })
    .optional(),
  name: dnsName,
  description: z.string().max(8192, { error: "Proxmox takes 8192 characters at most" }).optional(),
  tags: z
    .array(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_+.-]*$/, { error: "a tag is letters, digits and _+.- only" }))
    .optional(),
  cpu: z
    .strictObject({
      type: z.string().min(1).optional(),
      cores: positive("core"),
      sockets: positive("socket").optional(),
      affinity: z
        .string()
        .regex(/^(?:\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)?$/, { error: "CPUs of the host: 0-3,8" })
        .optional(),
    })
    .optional(),
  memory: mibSize.refine((text) => (parseSize(text) ?? 0) >= 16 * MIB, { error: "at least 16MiB" }),
  balloon: mibSize.optional(),
  scsiController: z.enum(["virtio-scsi-single", "virtio-scsi-pci", "lsi", "lsi53c810", "megasas", "pvscsi"]).optional(),
  disks: z.record(diskSlot, disk).optional(),
  nics: z.record(nicSlot, nic).optional(),
  pci: z.record(pciSlot, pci).optional(),
  usb: z.record(usbSlot, usb).optional(),
  args: z.string().max(4096, { error: "4096 characters at most" }).optional(),
  hookScript: z
    .string()
    .regex(/^(?:[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]:snippets\/[^\s,]+)?$/, {
      error: "a snippet's volume: local:snippets/hook.pl",
    })
    .optional(),
  cloudInit: cloudInit.optional(),
  boot: z
    .array(
      z.string().refine((slot) => diskBus(slot) !== undefined || isNicSlot(slot), { error: "slots of disks and NICs" }),
    )
    .optional(),
  agent: z.boolean().optional(),
  agentAddresses: z.boolean().optional(),
  startAtBoot: z.boolean().optional(),
  startup: z
    .strictObject({ order: seconds.optional(), upDelay: seconds.optional(), downDelay: seconds.optional() })
    .optional(),
  protection: z.boolean().optional(),
  osType: z
    .enum(["other", "wxp", "w2k", "w2k3", "w2k8", "wvista", "win7", "win8", "win10", "win11", "l24", "l26", "solaris"])
    .optional(),
  machine: z
    .string()
    .regex(/^[a-z0-9.+-]+$/i, { error: "q35, pc, or a versioned type of them" })
    .optional(),
  bios: z.enum(["seabios", "ovmf"]).optional(),
  power: z.enum(["running", "stopped"]).optional(),
  deletable: z.boolean().optional(),
  recreate: z.boolean().optional(),
});
