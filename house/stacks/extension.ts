/** `x-infinity` of a Compose file: what Compose has no word for. Pure. */
import { z } from "zod";
import { label } from "../vocabulary";

const path = z.string().min(1);

/** `1000:1000`, `${PUID}:${PGID}` */
const OWNER = /^(\$\{\w+\}|\d+):(\$\{\w+\}|\d+)$/;

const web = z.strictObject({
  port: z.int().min(1).max(65535).meta({ description: "Where it answers on the VM." }),
  service: z.string().optional().meta({ description: "Which container. Default: the one of this name" }),
  scheme: z.enum(["http", "https"]).default("http"),
  exposed: z.enum(["on-request", "never"]).default("on-request").meta({
    description: "never: the house may give it no name outside.",
  }),
});

const backup = z
  .strictObject({
    folders: z.array(path).optional().meta({ description: "Folders that hold what can't be made again." }),
    sqlite: z.array(path).optional().meta({ description: "Databases to copy by SQLite's own means, not as files." }),
    postgres: z.record(z.string(), z.string()).optional().meta({ description: "Databases to dump, by container." }),
    note: z.string().optional(),
  })
  .refine((kept) => Object.keys(kept).length > 0, {
    error: "says nothing - name what is kept, or say in a note that there is nothing",
  });

export const extensionSchema = z.strictObject({
  purpose: z.string().min(1),
  priority: z
    .enum(["critical", "important", "none"])
    .meta({ description: "What hangs on it. critical: no updater touches it." }),
  web: z.record(label, web).default({}).meta({ description: "Web interfaces, by the name that the house exposes." }),
  needs: z.array(label).default([]).meta({ description: "Stacks that come before it, on whichever VM." }),
  backup,
  folders: z
    .record(path, z.string().regex(OWNER, { error: "is no owner - write uid:gid, as numbers or variables" }))
    .default({})
    .meta({ description: "Owners of folders whose container doesn't see to it itself: uid:gid." }),
  generated: z
    .record(path, z.enum(["dashboard"]))
    .default({})
    .meta({ description: "Files of the stack that are written from the house." }),
});

export type Extension = z.output<typeof extensionSchema>;
export type WebInterface = Extension["web"][string];
