/**
 * What of a house is inside its VMs beside what is there: users, packages, mounts, Docker and Compose stacks. Guests side by
 * side, each asked for everything at once, over connections that can change nothing.
 */
import pc from "picocolors";
import { guestArgs } from "../../components/guestArgs";
import { guestParts, type GuestPart } from "../../components/guestParts";
import { knownGuests } from "../../house/guests";
import type { House } from "../../house/schema";
import type { Plan } from "../../house/stacks/planned";
import { declarable } from "../../house/unknowns";
import { differences, type Difference } from "../../providers/differences";
import { compared as ofInterest, INSIDE_KINDS, insideTitle, refOf } from "../guestKinds";
import type { GuestsLook } from "../guestsLook";
import { otherProjects, projectWays } from "../otherProjects";
import type { Compared } from "./compareHouse";

/** What the house has inside its VMs, and how it is looked at. */
export interface Inside {
  readonly look: GuestsLook;
  readonly plan: Plan;
}

/** A secret's value is nobody's to read, and a file's hash tells nobody anything. */
const UNSHOWN = /^(?:env|files|content)(?:\.|$)/;

function told({ property, live, wanted }: Difference): Difference {
  if (!UNSHOWN.test(property)) return { property, live, wanted };
  return { property, live: live === undefined ? undefined : "something else", wanted: "[as it says]" };
}

const titleOf = ({ kind, guest, inputs }: GuestPart): string => insideTitle(kind, guest, inputs);

export async function compareGuests(house: House, { look, plan }: Inside): Promise<Compared[]> {
  const guests = knownGuests(house);
  const vms = declarable(house);
  const compare = async (part: GuestPart): Promise<Compared["result"]> => {
    const { kind, guest, inputs } = part;
    const known = guests[guest];
    if (known === undefined) return undefined;
    const { check, live: read } = INSIDE_KINDS[kind];
    const host = refOf(guestArgs(guest, known));
    const wanted = check({}, kind === "Guest" ? inputs : { host, ...inputs });
    const [failure] = wanted.failures;
    if (failure !== undefined) return `${failure.property}: ${failure.reason}`;
    const live = await read(look.session(host), wanted.inputs as Record<string, unknown>);
    if (live === undefined) return undefined;
    return differences(ofInterest(kind, live), ofInterest(kind, wanted.inputs)).map(told);
  };
  return Promise.all(
    guestParts(house, plan.stacks).map(async (part): Promise<Compared> => {
      const { kind, name, guest, needs } = part;
      const vm = `VM ${vms[guest]?.vmid ?? "?"} ${guest}`;
      const known = { kind: "guest", type: INSIDE_KINDS[kind].type, name, guest, title: titleOf(part) } as const;
      const result = await compare(part).catch((error: unknown) =>
        error instanceof Error ? error.message : String(error),
      );
      return { ...known, needs: [vm, ...needs.map(titleOf)], result };
    }),
  );
}

/** Compose projects on the guests that the house doesn't have: adopting takes none of them over. A guest that is away has none. */
export async function otherProjectLines(house: House, { look, plan }: Inside): Promise<string[]> {
  const guests = guestParts(house, plan.stacks).filter(({ kind }) => kind === "Guest");
  const of = async ({ guest }: GuestPart): Promise<string[]> => {
    const known = knownGuests(house)[guest];
    if (known === undefined) return [];
    const others = await otherProjects(house, guest, look.session(refOf(guestArgs(guest, known))));
    const line = `guest ${guest}: Compose project that the house doesn't have`;
    return others.map(({ name, title }) => `${pc.dim("?")} ${line}: ${title}: left alone - ${projectWays(name)}`);
  };
  return (await Promise.all(guests.map(of))).flat();
}

/** Stacks that lack a value are not compared: which one, and how it is given. */
export const lackingLines = ({ lacking }: Plan): string[] =>
  lacking.map(({ path, rule }) => `${path}: ${rule}: not compared`);
