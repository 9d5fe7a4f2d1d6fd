/** What is inside a VM: users, packages, SSH server, updates, Docker, the NAS's share. For one VM, or for all of them. Pure. */
import { z } from "zod";
import { absolutePath } from "../vocabulary";

const accountMessage = "a user or group is a small letter or _ first, then letters, digits, _ and - - rename it: evan";
const account = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: accountMessage });

const sshKey = z.string().regex(/^(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$/, {
  error: "is no OpenSSH public key - paste one line of a .pub file",
});

const user = z
  .strictObject({
    shell: absolutePath.optional().meta({ description: "Log-in shell. In place. Default: as it is" }),
    groups: z.array(account).optional().meta({ description: "Groups that it has to be in. In place." }),
    sudo: z
      .enum(["passwordless", "none"])
      .optional()
      .meta({ description: "passwordless: it may do everything. none: nothing. In place. Default: as it is" }),
    keys: z
      .array(sshKey)
      .optional()
      .meta({ description: "Public keys that let it in, and no others. In place. Default: as they are" }),
  })
  .meta({ description: "A user of the guest." });

const packageName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9+.-]+$/, { error: "is no name of a Debian package - write it as apt shows it" });

export const guest = z.strictObject({
  user: account.optional().meta({ description: "Who the program logs in as: root, or one with passwordless sudo." }),
  port: z.int().min(1).max(65535).optional().meta({ description: "Of its SSH server. Default: 22" }),
  hostKey: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "SHA256:..., or the public key itself. Default: the first one seen is kept" }),
  users: z.record(account, user).optional().meta({ description: "Users by log-in name." }),
  otherUsers: z.enum(["shown", "locked"]).optional().meta({
    description:
      "Users that may log in and aren't named: drift shows them, or the next up locks them too. Default: shown",
  }),
  otherProjects: z
    .array(
      z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, {
        error: "is no name of a Compose project - write it as docker compose ls shows it",
      }),
    )
    .optional()
    .meta({
      description:
        "Compose projects that somebody runs there beside the house's, and that are none of its business. Default: each one is shown",
    }),
  packages: z.array(packageName).optional().meta({ description: "Debian packages that it has; none is removed." }),
  sshServer: z
    .strictObject({
      passwords: z.boolean().optional().meta({ description: "Whether passwords let in. Default: false" }),
      rootLogin: z.boolean().optional().meta({ description: "Whether root may log in, by a key. Default: false" }),
      otherKeys: z.boolean().optional().meta({
        description:
          "Whether keys may let in that stand in no user's file: of AuthorizedKeysCommand, of an authority (TrustedUserCAKeys). Default: false",
      }),
    })
    .optional()
    .meta({ description: "How it lets people in. Left out: as it is" }),
  upgrades: z
    .strictObject({
      enabled: z.boolean().optional().meta({ description: "Security updates every day. Default: true" }),
      reboot: z
        .union([z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/), z.literal(false)], {
          error: "is no time of day - write 04:30, or false",
        })
        .optional()
        .meta({ description: "When it may start anew for an update; false: never. Default: false" }),
    })
    .optional()
    .meta({ description: "Updates by themselves. Left out: as they are" }),
  docker: z
    .strictObject({
      packages: z
        .union([z.literal("docker"), z.array(packageName).min(1)], {
          error:
            "is neither docker nor a list of packages - write docker for Docker's own, or [docker.io, docker-cli, docker-compose]",
        })
        .optional()
        .meta({
          description:
            "docker: Docker's own packages, from its own source. A list: packages of the system with the engine, the docker command and Compose 2. Left out: they are there",
        }),
      key: z.string().min(1).optional().meta({
        description:
          "Docker's signing key, its whole text. Left out: the guest gets it from download.docker.com. It is compared either way",
      }),
      liveRestore: z
        .boolean()
        .optional()
        .meta({ description: "Containers outlive a restart of the daemon. Default: true" }),
      logSize: z
        .string()
        .regex(/^[1-9]\d*[kmg]$/, { error: "is no size as Docker writes it - write 10m" })
        .optional()
        .meta({ description: "A container's log is begun anew at this size. Default: 10m" }),
      logFiles: z.int().min(1).optional().meta({ description: "Logs that are kept of a container. Default: 3" }),
    })
    .optional()
    .meta({ description: "Docker Engine. Left out: as it is, and no stacks are deployed" }),
  mount: z
    .strictObject({
      readOnly: z.boolean().optional().meta({ description: "In place. Default: false" }),
      version: z.enum(["3", "4", "4.0", "4.1", "4.2"]).optional().meta({ description: "Of NFS. Default: as agreed" }),
      away: z.enum(["hard", "soft"]).optional().meta({
        description: "hard: programs wait while the NAS is away; soft: they fail. Default: hard",
      }),
    })
    .optional()
    .meta({ description: "The NAS's export, mounted on demand. Left out: as it is" }),
});

export const guestsSection = guest.meta({ description: "What the guests have in common; each VM's own guest wins." });
