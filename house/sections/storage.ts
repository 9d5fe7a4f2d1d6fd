/** The section `storages`: the pools of the Proxmox cluster, by storage id. Pure. */
import { z } from "zod";
import { absolutePath, address, room } from "../vocabulary";

const CONTENT = ["images", "rootdir", "iso", "vztmpl", "backup", "snippets", "import"] as const;

const common = {
  size: room.optional().meta({ description: "What the pool holds, for people: 1.8TB" }),
  content: z
    .array(z.enum(CONTENT))
    .min(1)
    .optional()
    .meta({ description: "What it may hold. In place. Default: as it is in Proxmox" }),
  nodes: z.array(z.string()).min(1).optional().meta({ description: "Nodes that see it. Default: all" }),
  enabled: z.boolean().optional().meta({ description: "In place. Default: as it is" }),
  deletable: z.boolean().optional().meta({
    description: "Whether taking it out of the house removes its definition. Default: false, it is forgotten",
  }),
};

const lvmName = z
  .string()
  .regex(/^[a-zA-Z0-9+_.][a-zA-Z0-9+_.-]*$/, { error: "LVM refuses this name - write it as `lvs` shows it" });

export const storageSection = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("dir"),
    path: absolutePath.meta({ description: "Directory on the node. Fixed once made." }),
    ...common,
  }),
  z.strictObject({
    type: z.literal("lvmthin"),
    volumeGroup: lvmName.meta({ description: "LVM volume group. Fixed once made." }),
    thinPool: lvmName.meta({ description: "Thin pool in it. Fixed once made." }),
    ...common,
  }),
  z.strictObject({
    type: z.literal("nfs"),
    server: address.optional().meta({ description: "Host part or address. Fixed once made. Default: the NAS's" }),
    export: absolutePath.optional().meta({ description: "Exported path. Fixed once made. Default: the NAS's" }),
    options: z.string().optional().meta({ description: "Mount options: vers=4.2,soft. At the next mount." }),
    ...common,
  }),
]);

/** PVE 8.4: a letter first, two characters or more. */
export const storageId = z.string().regex(/^[a-zA-Z][a-zA-Z0-9._-]*[a-zA-Z0-9]$/, {
  error: "a storage id starts with a letter and has two characters or more - write it as Proxmox shows it",
});

export const storagesSection = z
  .record(storageId, storageSection)
  .meta({ description: "Storages of Proxmox by id. Left out: disks may name any storage, none is managed." });
