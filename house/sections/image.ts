/** The section `images`: files that Proxmox downloads itself, for disks made from them or as CDs. Pure. */
import { z } from "zod";
import { label } from "../vocabulary";
import { storageId } from "./storage";

const checksumMessage =
  "a checksum is sha256: and 64, or sha512: and 128 hexadecimal digits - copy it from where the image is published";

export const imageSection = z
  .strictObject({
    url: z
      .string()
      .regex(/^https?:\/\/[^\s/]+\/\S+$/, { error: "is no address that Proxmox can download - write https://..." })
      .meta({ description: "Where Proxmox downloads it. Another one with the same checksum changes nothing." }),
    checksum: z
      .string({ error: checksumMessage })
      .regex(/^(sha256:[0-9a-fA-F]{64}|sha512:[0-9a-fA-F]{128})$/, { error: checksumMessage })
      .meta({ description: "sha256:... or sha512:... of the file. A new one takes a file name of its own." }),
    storage: storageId.meta({ description: "Storage that keeps the file: dir or nfs, with its content." }),
    file: z
      .string()
      .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, { error: "is no file name - letters, digits, _.-" })
      .optional()
      .meta({ description: "File name on the storage. Default: the url's last part" }),
    content: z
      .enum(["import", "iso"])
      .default("import")
      .meta({ description: "import: disks are made from it (.qcow2, .raw, .vmdk, .ova); iso: a CD (.iso, .img)." }),
  })
  .meta({ description: "A file that Proxmox downloads and keeps: it is never overwritten or removed." });

export const imagesSection = z.record(label, imageSection).meta({ description: "Images by name, for disks.*.image." });
