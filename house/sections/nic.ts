/** One NIC of a VM. Pure. */
import { z } from "zod";

export type NicSlot = `net${number}`;

/** The record's key: a pattern at run time, and its type for what is built from it. */
export const nicSlot = z.string().regex(/^net([0-9]|[12][0-9]|3[01])$/, {
  error: "NIC slots are net0-net31 - take a free one of these",
}) as unknown as z.ZodType<NicSlot, NicSlot>;

/** Unicast: the lowest bit of the first byte is 0. */
const MAC = /^[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}$/;

export const nic = z
  .strictObject({
    model: z
      .enum(["virtio", "e1000", "e1000e", "rtl8139", "vmxnet3"])
      .default("virtio")
      .meta({ description: "Pending until the next boot." }),
    bridge: z
      .string()
      .regex(/^[a-zA-Z][a-zA-Z0-9_.]{0,19}$/, { error: "is no bridge of Proxmox - write it as the node has it: vmbr0" })
      .default("vmbr0")
      .meta({ description: "Bridge of the node. In place." }),
    vlan: z.int().min(1).max(4094).optional().meta({ description: "VLAN tag. In place." }),
    firewall: z.boolean().optional().meta({ description: "Proxmox's firewall on it. In place. Default: false" }),
    mac: z
      .string()
      .regex(MAC, { error: "a MAC is six unicast bytes in hex with colons - write BC:24:11:00:00:01, or leave it out" })
      .optional()
      .meta({ description: "Default: as Proxmox gave it out, then kept" }),
  })
  .meta({ description: "A network card." });
