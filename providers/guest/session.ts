/** A guest as resources have it: the process's one connection to it, by today's configuration. */
import { connectHost } from "../ssh/connectHost";
import { hostFor } from "../ssh/hostFor";
import type { GuestRef } from "./guest";
import { targetOf } from "./settings";
import type { Session } from "./step";

/** Opens nothing yet. @throws Error where the configuration has no usable key */
export function sessionFor(env: NodeJS.ProcessEnv, guest: GuestRef): Session {
  const target = targetOf(env, guest);
  return {
    host: hostFor(target, env),
    async login() {
      const host = connectHost(target);
      try {
        await host.run(["true"], { reads: true, sudo: true });
      } finally {
        await host.close();
      }
    },
  };
}
