/** Whether the node and the guests of the house are reached by SSH and let us in. Runs nothing there but `true`. */
import { guestArgs } from "../../components/guestArgs";
import { knownGuests } from "../../house/guests";
import type { House } from "../../house/schema";
import { targetOf } from "../../providers/guest/settings";
import { nodeTargetFrom } from "../../providers/proxmox/nodeShell";
import { connectHost } from "../../providers/ssh/connectHost";
import type { Host } from "../../providers/ssh/host";
import type { SshTarget } from "../../providers/ssh/target";
import { about, inParts, messageOf, type Finding } from "./report";

const say = about("SSH");

export interface SshChecks {
  readonly house: House;
  /** What the engine would hand to a provider process. */
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds for a connection. */
  readonly timeoutMs: number;
}

/** @param target may throw: a house without a usable key. @param ask what has to work once we are in. */
async function tryHost(
  what: string,
  timeoutMs: number,
  target: () => SshTarget,
  ask: (host: Host) => Promise<unknown>,
): Promise<Finding> {
  let host: Host | undefined;
  try {
    const { hostKey } = target();
    host = connectHost(target(), { connectTimeoutMs: timeoutMs, attempts: 1 });
    const key = await host.hostKey();
    await ask(host);
    return say.fine(
      what,
      `${host.name}: let in; its host key ${hostKey === undefined ? `is ${key}` : "is the pinned one"}`,
    );
  } catch (error) {
    const { detail, fix } = inParts(messageOf(error), "ssh -v to it from here says more");
    return say.wrong(what, detail, fix);
  } finally {
    await host?.close();
  }
}

export function checkSsh({ house, env, timeoutMs }: SshChecks): Promise<Finding[]> {
  const node =
    house.hypervisor.ssh === undefined
      ? []
      : [
          tryHost(
            `node ${house.hypervisor.node}`,
            timeoutMs,
            () => {
              const found = nodeTargetFrom(env);
              if (!found)
                throw new Error("hypervisor.ssh can't be read from the stack's configuration - see secrets, above");
              return found.target;
            },
            () => Promise.resolve(),
          ),
        ];
  const guests = Object.entries(knownGuests(house)).map(([name, guest]): Promise<Finding> => {
    const ref = guestArgs(name, guest);
    return tryHost(
      `guest ${name}`,
      timeoutMs,
      () => targetOf(env, ref),
      // Privilege is part of what lets us work there.
      (host) => host.run(["true"], { reads: true, sudo: true, timeoutMs }),
    );
  });
  return Promise.all([...node, ...guests]);
}
