/** The section `vms`: the machines of the house, by short name. Figures that nobody knows yet are left out. Pure. */
import { z } from "zod";
import { address, label, memory } from "../vocabulary";
import { cloudInit } from "./cloudInit";
import { pci, pciSlot, transcoding, usb, usbSlot } from "./device";
import { guest } from "./guest";
import { disk, diskSlot } from "./disk";
import { nic, nicSlot } from "./nic";
import { services } from "./services";
import { storageId } from "./storage";

/** PVE's `dns-name`: labels with dots between; a label has 63 characters at most (RFC 1035). */
const HOST_NAME = /^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)*[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

const OS_TYPES = "other wxp w2k w2k3 w2k8 wvista win7 win8 win10 win11 l24 l26 solaris".split(" ");

const seconds = z.int().nonnegative().optional();

const cpu = z.strictObject({
  cores: z.int().min(1).meta({ description: "Cores a socket, 1 or more." }),
  sockets: z.int().min(1).optional().meta({ description: "Default: 1" }),
  type: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, { error: "is no CPU type of Proxmox - write x86-64-v2-AES, or host" })
    .optional()
    .meta({ description: "Default: Proxmox's, x86-64-v2-AES" }),
  affinity: z
    .string()
    .regex(/^(\d+(-\d+)?(,\d+(-\d+)?)*)?$/, { error: "are no CPUs of the host - write 0-3,8" })
    .optional()
    .meta({ description: 'CPUs of the host that it runs on: 0-3,8; "" for all. Only root may set it.' }),
});

const clone = z
  .strictObject({
    from: z
      .union([z.int().min(100), label], { error: "a copy is of a VMID, or of a VM of the house by its name" })
      .meta({ description: "VMID of a template or VM, or a VM of the house." }),
    full: z
      .boolean()
      .optional()
      .meta({ description: "Whether disks are copied, or share the template's. Default: shared with a template" }),
    storage: storageId
      .optional()
      .meta({ description: "Storage of the copied disks. Default: the house's own for them" }),
  })
  .meta({ description: "What a new VM begins as. Never again, once it is there." });

const options = {
  scsiController: z
    .enum(["virtio-scsi-single", "virtio-scsi-pci", "lsi", "lsi53c810", "megasas", "pvscsi"])
    .optional()
    .meta({ description: "Default for a new VM: virtio-scsi-single" }),
  boot: z.array(z.string()).min(1).optional().meta({ description: "Boot order: slots of disks and NICs." }),
  agent: z.boolean().optional().meta({ description: "QEMU guest agent. Pending until the next boot." }),
  agentAddresses: z.boolean().optional().meta({
    description: "Whether the guest's addresses, as its agent tells them, are outputs. Needs agent.",
  }),
  startAtBoot: z.boolean().optional().meta({ description: "Start with the node. In place." }),
  startup: z
    .strictObject({ order: seconds, upDelay: seconds, downDelay: seconds })
    .optional()
    .meta({ description: "Order (ascending) and delays in seconds. In place. Needs Sys.Modify on /." }),
  protection: z.boolean().optional().meta({ description: "Proxmox refuses to delete it or its disks. In place." }),
  osType: z.enum(OS_TYPES).optional().meta({ description: "Guest type. Default for a new VM: l26" }),
  machine: z
    .string()
    .regex(/^(pc|q35|pc-(i440fx|q35)-\d+(\.\d+)+(\+pve\d+)?)$/, {
      error: "is no machine type - write q35 or pc-i440fx-9.2+pve1",
    })
    .optional()
    .meta({ description: "Machine type. Pending until the next boot." }),
  bios: z.enum(["seabios", "ovmf"]).optional().meta({ description: "Pending until the next boot." }),
  args: z
    .string()
    .max(4096)
    .optional()
    .meta({ description: 'Arguments for QEMU itself; "" for none. Only root may set them: see hypervisor.ssh.' }),
  hookScript: z
    .string()
    .regex(/^([A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]:snippets\/[^\s,]+)?$/, {
      error: "a hook script is the volume of a snippet - write local:snippets/hook.pl",
    })
    .optional()
    .meta({
      description: 'Volume of a script that runs as root around start and stop; "" for none. Only root may set it.',
    }),
  tags: z
    .array(
      z.string().regex(/^[a-zA-Z0-9_][a-zA-Z0-9_.+-]*$/, { error: "is no tag of Proxmox - letters, digits, _.+-" }),
    )
    .optional()
    .meta({ description: "In place." }),
  description: z
    .string()
    .max(8192)
    .optional()
    .meta({ description: "Notes in Proxmox. In place. Default: the purpose" }),
};

export const vmSection = z
  .strictObject({
    vmid: z
      .int()
      .min(100)
      .max(999_999_999)
      .meta({ description: "Proxmox's number of it, 100-999999999. Never changed." }),
    hostname: z
      .string()
      .regex(HOST_NAME, {
        error: "Proxmox takes DNS labels: letters, digits and hyphens within, 63 at most - rename it: media-1",
      })
      .optional()
      .meta({ description: "The real host's name, as Proxmox shows it. In place." }),
    purpose: z.string().optional().meta({ description: "What it is for, in a few words." }),
    priority: z.enum(["critical", "important", "none"]).default("none").meta({ description: "What hangs on it." }),
    state: z.enum(["running", "stopped"]).optional().meta({ description: "Wanted power state. Default: as it is" }),
    address: address.optional().meta({ description: "Its host part of the network." }),
    clone: clone.optional(),
    cpu: cpu.optional().meta({ description: "Pending until the next boot." }),
    memory: memory.optional().meta({ description: "RAM at most: 8GiB. Pending until the next boot." }),
    balloon: memory.optional().meta({ description: "RAM it keeps at least; 0MiB: no ballooning. Default: memory" }),
    disks: z.record(diskSlot, disk).optional().meta({ description: "Disks by slot." }),
    nics: z
      .record(nicSlot, nic)
      .prefault({ net0: {} })
      .meta({ description: "NICs by slot. Default: net0, virtio on vmbr0" }),
    transcoding: transcoding.optional(),
    pci: z.record(pciSlot, pci).optional().meta({ description: "PCI devices of the host, by slot." }),
    usb: z.record(usbSlot, usb).optional().meta({ description: "USB devices of the host, by slot." }),
    cloudInit: cloudInit.optional(),
    guest: guest.optional().meta({ description: "What is inside it. Left out: the program doesn't log in." }),
    ...options,
    deletable: z
      .boolean()
      .default(false)
      .meta({ description: "Whether taking it out of the house destroys it. Has to be in place in an earlier up." }),
    recreate: z
      .boolean()
      .optional()
      .meta({ description: "Whether it is made again, with empty disks, when it was deleted in Proxmox. Default: no" }),
    services,
  })
  .meta({ description: "One VM. cpu, memory, disks and hostname may be left out while nobody knows them." });

export const vmsSection = z
  .record(label, vmSection)
  .refine((vms) => Object.keys(vms).length > 0, { error: "a house has one VM at least - add it: vms.NAME.vmid" })
  .meta({ description: "VMs by short name." });
