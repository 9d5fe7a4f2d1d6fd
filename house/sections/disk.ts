/** One disk of a VM: a volume that Proxmox allocates on a storage, or a whole disk of the host handed through. Pure. */
import { z } from "zod";
import { label, room } from "../vocabulary";
import { storageId } from "./storage";

/** Also the order in which Proxmox looks for a boot disk; bounds of PVE 8.4. */
export type DiskSlot = `${"scsi" | "virtio" | "sata" | "ide"}${number}`;

const SLOT = /^(scsi([0-9]|[12][0-9]|30)|virtio([0-9]|1[0-5])|sata[0-5]|ide[0-3])$/;

/** The record's key: a pattern at run time, and its type for what is built from it. */
export const diskSlot = z.string().regex(SLOT, {
  error: "disk slots are scsi0-scsi30, virtio0-virtio15, sata0-sata5 and ide0-ide3 - take a free one of these",
}) as unknown as z.ZodType<DiskSlot, DiskSlot>;

const options = {
  cache: z
    .enum(["none", "writethrough", "writeback", "unsafe", "directsync"])
    .optional()
    .meta({ description: "Host cache mode. Pending until the next boot." }),
  discard: z.boolean().optional().meta({ description: "Pass the guest's TRIM on. Pending until the next boot." }),
  ssd: z.boolean().optional().meta({ description: "Show it as an SSD; not on virtio. Pending until the next boot." }),
  iothread: z
    .boolean()
    .optional()
    .meta({ description: "An I/O thread of its own; only scsi and virtio. Pending until the next boot." }),
  backup: z.boolean().optional().meta({ description: "Part of backups. In place. Default: true" }),
  readOnly: z
    .boolean()
    .optional()
    .meta({ description: "Read-only to the guest; only scsi and virtio. Pending until the next boot." }),
};

export const disk = z
  .discriminatedUnion("physical", [
    z.strictObject({
      physical: z.literal(false).optional().meta({ description: "A volume of a storage (default)." }),
      storage: storageId.meta({ description: "Storage id. Another one moves the disk there in place." }),
      size: room.meta({ description: "Grows in place, never shrinks. Proxmox's G is GiB: 82GiB" }),
      image: label.optional().meta({ description: "What a new disk is made from: one of images. Default: empty" }),
      volume: z
        .string()
        .regex(/^[a-zA-Z][a-zA-Z0-9._-]*[a-zA-Z0-9]:[^\s,]+$/, {
          error: "is no volume - write it as Proxmox lists it: local-lvm:vm-100-disk-1",
        })
        .optional()
        .meta({
          description: "An existing volume of the VM that a new slot takes: a detached one, or another slot's.",
        }),
      ...options,
    }),
    z.strictObject({
      physical: z.literal(true).meta({ description: "A whole disk of the host, handed through." }),
      path: z
        .string()
        .regex(/^\/dev\/[^\s,]+$/, {
          error: "a physical disk is named by its device - write its stable path: /dev/disk/by-id/...",
        })
        .transform((path) => path as `/dev/${string}`)
        .optional()
        .meta({ description: "Stable path: /dev/disk/by-id/... Left out: not known yet, the VM isn't declared." }),
      size: room.optional().meta({ description: "For people; a physical disk has the size it has." }),
      ...options,
    }),
  ])
  .meta({ description: "A volume {storage, size}, or a disk of the host {physical: true, path}." });
