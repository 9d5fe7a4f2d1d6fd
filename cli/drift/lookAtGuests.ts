/**
 * What of a stack is inside its VMs: as recorded, as it is, and as the house wants it. Guests side by side, each asked for
 * everything at once; one that doesn't answer has its parts told as not checked. Sends nothing but looks.
 */
import { knownUsers } from "../../components/guestArgs";
import type { GuestPart } from "../../components/guestParts";
import { knownGuests } from "../../house/guests";
import type { House } from "../../house/schema";
import { ask } from "../../providers/guest/bulk";
import type { GuestRef } from "../../providers/guest/guest";
import { loginsLook, seenLogins, strangers } from "../../providers/guest/kinds/logins";
import type { Session } from "../../providers/guest/step";
import { compared, INSIDE_KINDS, insideTitle, type InsideKind, type Properties } from "../guestKinds";
import type { GuestsLook } from "../guestsLook";
import { otherProjects, projectWays } from "../otherProjects";
import { findings } from "./findings";
import { inWords } from "./guestWords";
import type { RecordedResource } from "./recorded";
import { uncheckedPart, type Finding, type Part } from "./report";

export type InsideResource = RecordedResource & { readonly kind: InsideKind };

export interface LookedGuests {
  readonly house: House;
  /** What the house declares: components/guestParts.ts. */
  readonly parts: readonly GuestPart[];
  readonly look: GuestsLook;
  /** Those of the stack. */
  readonly resources: readonly InsideResource[];
}

const LEFT = "it left the house: the next up forgets it, and leaves it as it is";
const GONE = "it is not there any more: up --refresh makes it again";

/** How the guest was reached at the last `up`. */
const recordedRef = ({ kind, inputs, outputs }: InsideResource): GuestRef =>
  (kind === "Guest" ? outputs.connection : inputs.host) as GuestRef;

/** Accounts that nobody named, where nothing of the stack sees to them. */
async function unnamed(looked: LookedGuests, guest: string, { host }: Session): Promise<Finding[]> {
  const { house, resources } = looked;
  const seenTo = resources.some(({ kind, inputs }) => kind === "Logins" && (inputs.host as GuestRef).name === guest);
  const known = knownGuests(house)[guest];
  if (seenTo || known === undefined) return [];
  const open = seenLogins(await ask(host, loginsLook));
  return strangers(open, knownUsers(house, guest, known)).map((name) => ({
    ...{ kind: "unnamed", property: `users.${name}`, live: "may log in" },
    says: `user added by hand: ${name} may log in`,
    next: "leaves it - name it in users, or say otherUsers: locked",
  }));
}

/** What is on a guest that nobody named. */
const besidesOf = async (looked: LookedGuests, guest: string, session: Session): Promise<Finding[]> =>
  (await Promise.all([unnamed(looked, guest, session), projects(looked, guest, session)])).flat();

/** Compose projects that nobody named. */
async function projects({ house, resources }: LookedGuests, guest: string, session: Session): Promise<Finding[]> {
  const recorded = resources.flatMap(({ kind, inputs }) =>
    kind === "ComposeStack" && (inputs.host as GuestRef).name === guest ? [String(inputs.project)] : [],
  );
  return (await otherProjects(house, guest, session, recorded)).map(({ name, title }) => ({
    ...{ kind: "unnamed", property: `projects.${name}`, live: "runs" },
    says: `Compose project that the house doesn't have: ${title}`,
    next: `leaves it - ${projectWays(name)}`,
  }));
}

async function lookAt(looked: LookedGuests, resource: InsideResource): Promise<Part> {
  const { kind, name, inputs, outputs, secrets } = resource;
  const { live: read, check, hidden } = INSIDE_KINDS[kind];
  const ref = recordedRef(resource);
  const title = insideTitle(kind, ref.name, inputs);
  try {
    const session = looked.look.session(ref);
    const [live, besides] = await Promise.all([
      read(session, kind === "Guest" ? outputs : inputs),
      kind === "Guest" ? besidesOf(looked, ref.name, session) : [],
    ]);
    const part = looked.parts.find((each) => each.kind === kind && each.name === name);
    const wanted = part && check(inputs, { ...(kind === "Guest" ? {} : { host: ref }), ...part.inputs });
    const notes = [
      ...(wanted === undefined ? [LEFT] : []),
      ...(wanted?.failures ?? []).map(({ property, reason }) => `the next up refuses: ${property}: ${reason}`),
    ];
    if (live === undefined)
      return { title, state: "drift", findings: [], notes: part === undefined ? notes : [GONE, ...notes] };
    const of = (properties: object): Properties => compared(kind, properties);
    const three = { recorded: of(inputs), live: of(live), wanted: wanted && of(wanted.inputs) };
    const found = findings({ ...three, secrets: [...secrets, ...hidden] }).map((finding) => inWords(kind, finding));
    const all = [...found, ...besides];
    return { title, state: all.length + notes.length > 0 ? "drift" : "clean", findings: all, notes };
  } catch (error) {
    return uncheckedPart(title, error);
  }
}

/** @returns parts of what is recorded, and of what no `up` has made or taken over. */
export async function lookAtGuests(looked: LookedGuests): Promise<{ recorded: Part[]; fresh: Part[] }> {
  const { parts, resources } = looked;
  const recorded = await Promise.all(resources.map((resource) => lookAt(looked, resource)));
  const fresh = parts.filter((part) => !resources.some(({ kind, name }) => kind === part.kind && name === part.name));
  return {
    recorded,
    fresh: fresh.map(({ kind, guest, inputs }): Part => {
      const title = insideTitle(kind, guest, inputs);
      return { title, state: "new", findings: [], notes: ["not in the stack yet"] };
    }),
  };
}
