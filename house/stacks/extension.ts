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

const hostPort = z.string().regex(/^[1-9]\d{0,4}(\/(tcp|udp))?$/, { error: 'is no port - write "8920" or "1900/udp"' });

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

const variable = z.string().regex(/^\$\{\w+\}$/, { error: "is neither a value nor a variable - write ${NAME}" });

const vpn = z.strictObject({
  service: z.string().min(1).meta({ description: "Which container has the tunnel; others share its network." }),
  bridge: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/, {
      error: "is no name of an interface - 15 letters, digits, ., _ and - at most",
    })
    .meta({
      description: "Interface of its network's bridge on the VM: the network's com.docker.network.bridge.name.",
    }),
  endpointPort: z
    .union([z.int().min(1).max(65535), variable])
    .default(51820)
    .meta({ description: "UDP port of the provider's WireGuard servers." }),
  neighbours: z.string().default("").meta({
    description: "Addresses that stay reachable around the tunnel: 192.168.86.174/32, with commas between them.",
  }),
});

const WAIT = "is no time that a stack is waited for - write seconds, 30 to 7200: 1800";

const MISSING =
  "is missing: nothing says what the stack is for, and what hangs on it - begin it with purpose, priority and backup";

const members = {
  purpose: z.string().min(1),
  priority: z
    .enum(["critical", "important", "none"])
    .meta({ description: "What hangs on it. critical, important: no updater touches it." }),
  web: z.record(label, web).default({}).meta({ description: "Web interfaces, by the name that the house exposes." }),
  ports: z.array(hostPort).optional().meta({
    description: "Ports that containers on the host's network take on the VM beside their web interfaces: 1900/udp.",
  }),
  needs: z.array(label).default([]).meta({ description: "Stacks that come before it, on whichever VM." }),
  backup,
  vpn: vpn
    .optional()
    .meta({ description: "What leaves its network does so through a WireGuard tunnel, or not at all." }),
  wait: z
    .int({ error: WAIT })
    .min(30, { error: WAIT })
    .max(7200, { error: WAIT })
    .optional()
    .meta({ description: "Seconds that it may take to be up, at most. Default: 300" }),
  folders: z
    .record(path, z.string().regex(OWNER, { error: "is no owner - write uid:gid, as numbers or variables" }))
    .default({})
    .meta({ description: "Owners of folders whose container doesn't see to it itself: uid:gid." }),
  generated: z
    .record(path, z.enum(["dashboard"]))
    .default({})
    .meta({ description: "Files of the stack that are written from the house." }),
};

export const extensionSchema = z.strictObject(members, {
  error: ({ code, input }) => (code === "invalid_type" && input === undefined ? MISSING : undefined),
});

export type Extension = z.output<typeof extensionSchema>;
export type WebInterface = Extension["web"][string];
