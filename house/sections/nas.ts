/** The section `nas`: the file server, its export and the library's folders on it. Pure. */
import { z } from "zod";
import { absolutePath, address, room } from "../vocabulary";

const folder = z
  .string()
  .regex(/^[^/\s][^/]*$/, { error: "a folder is one name without / - nest it under its parent instead" })
  .refine((name) => name !== "." && name !== "..", { error: "is no folder of its own - name the folder" });

export const nasSection = z
  .strictObject({
    address: address.meta({ description: "The NAS's host part of the network, or a dotted address." }),
    export: absolutePath.meta({ description: "The NFS export: /volume1/infinity-node" }),
    mountPoint: absolutePath.optional().meta({ description: "Where the VMs mount the export. Default: /mnt/nas" }),
    owner: z
      .strictObject({ uid: z.int().nonnegative(), gid: z.int().nonnegative() })
      .optional()
      .meta({ description: "User and group that the library's files belong to, by number. Default: 1000 and 1000" }),
    capacity: room.optional().meta({ description: "What it holds, for people: 57TB" }),
    library: z
      .record(folder, z.array(folder))
      .optional()
      .meta({ description: "Folders of the export, each with its own: media: [movies, tv]" }),
  })
  .meta({ description: "The house's file server." });
