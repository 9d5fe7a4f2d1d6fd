/**
 * The part of today's configuration that connections to guests are made of, as the engine hands it to a dynamic-provider
 * process: `pulumi-nodejs:ssh`. Validates shapes only. Pure; no message holds a key.
 */
import { z } from "zod";
import type { SshAuth, SshTarget } from "../ssh/target";
import type { GuestRef } from "./guest";

const auth = {
  key: z.string().min(1).optional(),
  keyFile: z.string().min(1).optional(),
  passphrase: z.string().optional(),
  agent: z.string().min(1).optional(),
};

const sshSchema = z.object({
  ...auth,
  jump: z
    .object({
      ...auth,
      address: z.string(),
      port: z.number().optional(),
      user: z.string(),
      hostKey: z.string().optional(),
    })
    .optional(),
  /** Where a guest really is, by its name: a forwarded port. */
  hosts: z.record(z.string(), z.object({ address: z.string().optional(), port: z.number().optional() })).optional(),
});

export type SshSettings = z.infer<typeof sshSchema>;

const SETTING = "pulumi-nodejs:ssh";
const FIX = "set pulumi-nodejs:ssh in the stack's configuration: key (a secret), keyFile or agent";

/** @throws Error where `ssh` in `PULUMI_CONFIG` has no such shape */
export function sshSettings(env: NodeJS.ProcessEnv): SshSettings {
  try {
    const config = z.record(z.string(), z.unknown()).parse(JSON.parse(env.PULUMI_CONFIG ?? "{}"));
    const { ssh } = config;
    const result = sshSchema.safeParse(typeof ssh === "string" ? JSON.parse(ssh) : (ssh ?? {}));
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw new Error(`ssh.${issue?.path.join(".") ?? ""}: ${issue?.message ?? "can't be read"} - ${FIX}`);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`ssh: is no JSON - ${FIX}`, { cause: error });
    throw error;
  }
}

function authOf({ key, keyFile, passphrase, agent }: Pick<SshSettings, keyof typeof auth>): SshAuth {
  if (key !== undefined) return { kind: "key", text: key, passphrase };
  if (keyFile !== undefined) return { kind: "keyFile", path: keyFile, passphrase };
  return { kind: "agent", socket: agent };
}

/** The guest as it is reached today: recorded is only who it is. `INFINITY_SSH_KEY` wins over the configured key. */
export function targetOf(env: NodeJS.ProcessEnv, guest: GuestRef): SshTarget {
  const settings = sshSettings(env);
  const given = env.INFINITY_SSH_KEY;
  const own = given === undefined || given === "" ? settings : { key: given };
  const elsewhere = settings.hosts?.[guest.name];
  const { jump } = settings;
  const hasOwn = (jump?.key ?? jump?.keyFile ?? jump?.agent) !== undefined;
  return {
    setting: SETTING,
    elsewhere: { user: `vms.${guest.name}.guest.user` },
    hostKeySetting: `vms.${guest.name}.guest.hostKey`,
    address: elsewhere?.address ?? guest.address,
    port: elsewhere?.port ?? guest.port,
    user: guest.user,
    hostKey: guest.hostKey,
    auth: authOf(own),
    jump: jump && {
      ...{ address: jump.address, port: jump.port, user: jump.user, hostKey: jump.hostKey },
      // State has a place for the guests' keys only.
      ...{ setting: `${SETTING}.jump`, hostKeyRequired: true },
      ...(hasOwn ? { auth: authOf(jump) } : { auth: authOf(own), elsewhere: { key: `${SETTING}.key` } }),
    },
  };
}
