/**
 * One connection a process for one host: shared by all resources on it, and a jump host's by all hosts behind it. In a
 * run that adopts, and once the engine is gone, it changes nothing more.
 */
import { adoptionFrom } from "../adoption";
import { engineOf, isGone } from "../engineWatch";
import { connectHost, type HostOptions } from "./connectHost";
import { SshError } from "./error";
import type { Host } from "./host";
import { Links } from "./links";
import type { SshTarget } from "./target";

const hosts = new Map<string, Host>();
const jumps = new Map<string, Links>();

/** What is changed without an engine is recorded by nobody. The next run finds what was done, and goes on from there. */
const stop = (): never => process.exit(1);

function jumpFor(target: SshTarget | undefined): Links | undefined {
  if (target === undefined) return undefined;
  const key = JSON.stringify(target);
  const links = jumps.get(key) ?? new Links(target, jumpFor(target.jump), {});
  jumps.set(key, links);
  return links;
}

/**
 * Opens nothing yet. `close` ends the connection; the next call opens another.
 * @param env says whether this run adopts.
 */
export function hostFor(target: SshTarget, env: NodeJS.ProcessEnv): Host {
  const adopting = adoptionFrom(env) !== undefined;
  const key = JSON.stringify([target, adopting]);
  const known = hosts.get(key);
  if (known !== undefined) return known;
  const engine = engineOf(process.argv);
  const before: HostOptions["before"] = async (host, command) => {
    if (adopting)
      throw new SshError({
        kind: "read-only",
        ...{ host, command, noEffect: true },
        text: "not done, adopting changes nothing",
        advice: 'run "pulumi up" to change it',
      });
    if (engine !== undefined && (await isGone(engine))) stop();
  };
  const host = connectHost(target, { before, jump: jumpFor(target.jump) });
  hosts.set(key, host);
  return host;
}
