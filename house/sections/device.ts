/** Devices of the host that a VM is handed: PCI and USB, by address or by a resource mapping of Proxmox. Pure. */
import { z } from "zod";

export type PciSlot = `hostpci${number}`;
export type UsbSlot = `usb${number}`;

export const pciSlot = z.string().regex(/^hostpci([0-9]|1[0-5])$/, {
  error: "PCI slots are hostpci0-hostpci15 - take a free one of these",
}) as unknown as z.ZodType<PciSlot, PciSlot>;

export const usbSlot = z.string().regex(/^usb([0-9]|1[0-3])$/, {
  error: "USB slots are usb0-usb13 - take a free one of these",
}) as unknown as z.ZodType<UsbSlot, UsbSlot>;

const mapping = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]+$/, { error: "is no name of a resource mapping - write it as Proxmox shows it" })
  .meta({ description: "Resource mapping of Proxmox; takes Mapping.Use on it, and no root." });

const pciOptions = {
  pcie: z.boolean().optional().meta({ description: "As a PCI Express device; machine q35 only. Default: false" }),
  primaryGpu: z.boolean().optional().meta({ description: "The VM's first graphics card. Default: false" }),
  mdev: z.string().min(1).optional().meta({ description: "Type of a mediated device: i915-GVTg_V5_4" }),
  rom: z.boolean().optional().meta({ description: "Whether the guest sees the card's ROM. Default: true" }),
};

const pciDevice = z
  .string()
  .regex(/^([0-9a-fA-F]{4,}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(\.[0-7])?$/, {
    error: "a PCI device is named by its address - write 00:02.0, as lspci shows it",
  })
  .meta({ description: "Address as lspci shows it: 00:02.0. Only root may set it: see hypervisor.ssh." });

export const pci = z
  .union([
    z.strictObject({
      device: pciDevice,
      ...pciOptions,
    }),
    z.strictObject({ mapping, ...pciOptions }),
  ])
  .meta({ description: "A PCI device: {device} or {mapping}. Pending until the next boot." });

export const transcoding = z.union([z.strictObject({ mapping }), z.strictObject({ device: pciDevice })]).meta({
  description:
    "The host's graphics unit, for hardware transcoding: {mapping} or {device}. Pending until the next boot.",
});

const usb3 = z.boolean().optional().meta({ description: "As a USB 3 device. Default: false" });

export const usb = z
  .union([
    z.strictObject({
      device: z
        .string()
        .regex(/^([0-9a-fA-F]{4}:[0-9a-fA-F]{4}|\d+-\d+(\.\d+)*)$/, {
          error: "a USB device is named by vendor and product, or by its port - write 046d:c52b, or 1-2",
        })
        .meta({
          description: "Vendor and product (046d:c52b) or port (1-2). Only root may set it: see hypervisor.ssh.",
        }),
      usb3,
    }),
    z.strictObject({ mapping, usb3 }),
  ])
  .meta({ description: "A USB device: {device} or {mapping}." });
