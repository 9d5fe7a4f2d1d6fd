/** Looking into the VMs: connections that can't change anything, and which stacks the house has there. */
import { join } from "node:path";
import { stackFolders } from "../components/stackFolders";
import { extendedSections } from "../house/extends";
import { sectionsFromConfig } from "../house/load";
import type { House } from "../house/schema";
import { stackSecrets } from "../house/stacks/environment";
import { placeStacks } from "../house/stacks/placed";
import { plannedStacks, type Plan } from "../house/stacks/planned";
import { ADOPTION_VARIABLE } from "../providers/adoption";
import { containers } from "../providers/compose/containers";
import type { GuestRef } from "../providers/guest/guest";
import { sessionFor } from "../providers/guest/session";
import type { Session } from "../providers/guest/step";
import type { Host } from "../providers/ssh/host";
import { formatProblem } from "../values/problem";
import { readStackFile } from "./readStack";
import { projectRoot } from "./root";

export interface GuestsLook {
  /** Opens nothing yet. @throws Error where the configuration has no usable key */
  session(guest: GuestRef): Session;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** @param env what the engine would hand to a provider process. */
export function guestsLook(env: NodeJS.ProcessEnv): GuestsLook {
  // As in a run that adopts: whatever isn't a look is refused before it is sent.
  const reading = { ...env, [ADOPTION_VARIABLE]: "differing" };
  const hosts = new Set<Host>();
  return {
    session: (guest) => {
      const session = sessionFor(reading, guest);
      // What an earlier look saw a moment ago doesn't count.
      if (!hosts.has(session.host)) containers.forget(session.host);
      hosts.add(session.host);
      return session;
    },
    close: async () => {
      await Promise.all([...hosts].map((host) => host.close()));
    },
  };
}

/**
 * @param config of the stack, by key with its namespace, secrets in clear.
 * @param root of the checkout whose stacks they are.
 * @throws Error where a stack's folder is wrong
 */
export function planOf(house: House, config: Readonly<Record<string, string>>, root = projectRoot): Plan {
  const { sections } = extendedSections(sectionsFromConfig(config), readStackFile);
  const { stacks, problems } = placeStacks(house, stackFolders(join(root, "stacks")));
  if (problems.length > 0) throw new Error(`the house has problems:\n${problems.map(formatProblem).join("\n")}`);
  return plannedStacks(house, stacks, stackSecrets(sections));
}
