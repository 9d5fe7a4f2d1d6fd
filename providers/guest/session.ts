/** A guest as resources have it: the process's one connection to it, by today's configuration. */
import { connectHost, type HostOptions } from "../ssh/connectHost";
import { hostFor } from "../ssh/hostFor";
import { ownKeys } from "../ssh/ownKeys";
import type { SshTarget } from "../ssh/target";
import type { GuestRef } from "./guest";
import { targetOf } from "./settings";
import type { Session } from "./step";

/** sshd listens no more for a moment while it takes up its files: some ten seconds in all, longer each time. */
const ATTEMPTS = 7;

/** A log-in of its own, ended at once. @throws SshError where nobody is let in; being refused a key is told at once */
export async function freshLogin(target: SshTarget, options: HostOptions = {}): Promise<void> {
  const host = connectHost(target, { attempts: ATTEMPTS, ...options });
  try {
    await host.run(["true"], { reads: true, sudo: true });
  } finally {
    await host.close();
  }
}

/** Opens nothing yet. @throws Error where the configuration has no usable key */
export function sessionFor(env: NodeJS.ProcessEnv, guest: GuestRef): Session {
  const target = targetOf(env, guest);
  return { host: hostFor(target, env), login: () => freshLogin(target), keys: () => ownKeys(target) };
}
