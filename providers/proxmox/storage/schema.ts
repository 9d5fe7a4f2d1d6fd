/** The shape of a storage's inputs, by type; and which of them Proxmox fixes for good. Pure. */
import { z } from "zod";
import type { StorageSpec } from "./args";

const id = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]$/, { error: "a storage id is a letter first, two characters or more" });
const absolute = z.string().regex(/^\/[^\s,]*$/, { error: "an absolute path without blanks" });
const name = z.string().regex(/^[A-Za-z0-9_+.][A-Za-z0-9_+.-]*$/, { error: "a name of LVM: letters, digits and _+.-" });

const options = {
  storage: id,
  content: z
    .array(z.enum(["images", "rootdir", "iso", "vztmpl", "backup", "snippets", "import"]))
    .min(1, { error: "at least one kind of content - leave it out to keep what Proxmox has" })
    .optional(),
  nodes: z.array(z.string().regex(/^[A-Za-z0-9-]+$/, { error: "the name of a node" })).optional(),
  enabled: z.boolean().optional(),
  deletable: z.boolean().optional(),
};

export const storageSchema = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("dir"), path: absolute, ...options }),
    z.strictObject({ type: z.literal("lvmthin"), volumeGroup: name, thinPool: name, ...options }),
    z.strictObject({
      type: z.literal("nfs"),
      server: z.union([z.ipv4(), z.ipv6(), z.hostname()], { error: "an address or host name" }),
      export: absolute,
      options: z.string().optional(),
      ...options,
    }),
  ],
  { error: "the type is dir, lvmthin or nfs" },
);

type FixedName = "path" | "volumeGroup" | "thinPool" | "server" | "export";

/** Proxmox's names of the fields that it refuses to see in a change, even unchanged (PVE 8.4). */
export const FIXED: Readonly<Record<StorageSpec["type"], Readonly<Partial<Record<FixedName, string>>>>> = {
  dir: { path: "path" },
  lvmthin: { volumeGroup: "vgname", thinPool: "thinpool" },
  nfs: { server: "server", export: "export" },
};
