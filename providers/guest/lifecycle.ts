/**
 * The life of every guest resource: look, change what differs, look again. What is there already and right is not written
 * again, so that a guest that was set up by hand is taken over as it is. Connections are today's; see session.ts.
 */
import { adoptionFrom, type Adoption } from "../adoption";
import { canonical, sameCanonical } from "../canonical";
import { differences } from "../differences";
import { failuresOf } from "../failures";
import type { CheckFailure, Lifecycle } from "../lifecycle";
import { orHalfDone, spoken } from "../spoken";
import { isUnknown } from "../unknown";
import { ask } from "./bulk";
import type { GuestRef, OnGuest } from "./guest";
import type { Kind } from "./kind";
import { sessionFor } from "./session";
import { perform, type Session } from "./step";

export interface Surroundings {
  /** The guest as it is reached today. */
  readonly session: (guest: GuestRef) => Session;
  /** Whether this run takes over what is there, and changes nothing. */
  readonly adoption: () => Adoption | undefined;
}

const today: Surroundings = {
  session: (guest) => sessionFor(process.env, guest),
  adoption: () => adoptionFrom(process.env),
};

export function checkGuest<Inputs extends OnGuest, Seen>(
  kind: Kind<Inputs, Seen>,
  olds: unknown,
  news: unknown,
): { inputs: Inputs; failures: CheckFailure[] } {
  const failures = failuresOf(kind.schema, news);
  if (failures.length > 0) return { inputs: news as Inputs, failures };
  const inputs = canonical(kind.canonical?.(news as Inputs) ?? (news as Inputs));
  return { inputs, failures: [...(kind.problems?.(inputs, olds ?? {}) ?? [])] };
}

async function seen<Inputs extends OnGuest, Seen>(
  kind: Kind<Inputs, Seen>,
  { host }: Session,
  inputs: Inputs,
): Promise<Seen> {
  return kind.see(await ask(host, kind.look(inputs)), inputs);
}

/** What is there, in the words of the inputs; `undefined` where it isn't there. Only looks. */
export async function liveOn<Inputs extends OnGuest, Seen>(
  kind: Kind<Inputs, Seen>,
  session: Session,
  inputs: Inputs,
): Promise<Inputs | undefined> {
  const live = kind.live(await seen(kind, session, inputs), inputs);
  return live && canonical(live);
}

/** Changes what differs. @throws Error where it differs all the same afterwards */
async function converge<Inputs extends OnGuest, Seen>(
  kind: Kind<Inputs, Seen>,
  session: Session,
  wanted: Inputs,
  olds?: Inputs,
): Promise<void> {
  const steps = kind.steps(await seen(kind, session, wanted), wanted, olds);
  if (steps.length === 0) return;
  await perform(session, steps);
  const after = await seen(kind, session, wanted);
  const live = kind.live(after, wanted);
  if (live !== undefined && sameCanonical(live, wanted)) return;
  const { reason } = kind;
  const why = reason?.tell(await ask(session.host, reason.look(wanted)), after, wanted);
  const what = [told(kind, live, wanted), ...(why === undefined ? [] : [why])].join("; ");
  throw new Error(`${session.host.name}: it was changed, and still is not as wanted: ${what}`);
}

const shown = (value: unknown): string => (value === undefined ? "missing" : JSON.stringify(value));

function told<Inputs extends OnGuest>(kind: Kind<Inputs>, live: Inputs | undefined, wanted: Inputs): string {
  if (live === undefined) return "it is not there";
  const hidden: readonly string[] = kind.hidden ?? [];
  return differences(canonical(live), wanted)
    .map(({ property, live: has, wanted: wants }) =>
      hidden.includes(property.split(".")[0] ?? "")
        ? property
        : `${property}: is ${shown(has)}, wanted ${shown(wants)}`,
    )
    .join("; ");
}

/** What is recorded of what is there already. @throws Error where it is not there, or differs and that is refused */
function adopted<Inputs extends OnGuest>(
  kind: Kind<Inputs>,
  live: Inputs | undefined,
  wanted: Inputs,
  adoption: Adoption,
): Inputs {
  if (live === undefined) throw new Error("it is not there, and adopting makes none - a plain up does");
  if (adoption === "matching" && !sameCanonical(live, wanted))
    throw new Error(`it differs from the house, so it was not taken over - ${told(kind, live, wanted)}`);
  return canonical(live);
}

export function guestLifecycle<Inputs extends OnGuest, Seen>(
  kind: Kind<Inputs, Seen>,
  { session, adoption }: Surroundings = today,
): Lifecycle<Inputs> {
  const idOf = (inputs: Inputs): string => `${inputs.host.name}:${kind.name(inputs)}`;
  const subject = (inputs: Partial<Inputs>): string => {
    const guest = isUnknown(inputs.host) ? undefined : inputs.host?.name;
    const named = kind.identity.every((property) => inputs[property] !== undefined);
    return `${kind.noun} ${named ? kind.name(inputs as Inputs) : "?"} on ${guest ?? "a guest"}`;
  };
  return spoken(subject, {
    check: (olds, news) => Promise.resolve(checkGuest(kind, olds, news)),

    diff: (_id, olds, news) => {
      const replaces = kind.identity.filter((property) => !sameCanonical(olds[property], news[property]));
      const moved = !isUnknown(news.host) && olds.host.name !== news.host.name;
      return Promise.resolve({ replaces: [...replaces, ...(moved ? ["host"] : [])], deleteBeforeReplace: true });
    },

    async create(inputs) {
      const guest = session(inputs.host);
      const adopting = adoption();
      if (adopting !== undefined) {
        const live = kind.live(await seen(kind, guest, inputs), inputs);
        return { id: idOf(inputs), outs: adopted(kind, live, inputs, adopting) };
      }
      await converge(kind, guest, inputs);
      return { id: idOf(inputs), outs: inputs };
    },

    async read(id, state) {
      const live = kind.live(await seen(kind, session(state.host), state), state);
      if (live === undefined) return {};
      const inputs = canonical(live);
      return { id, inputs, props: inputs };
    },

    async update(id, olds, news) {
      const halfDone = (): OnGuest => ({ ...olds, deletable: news.deletable });
      await orHalfDone(id, halfDone, () => converge(kind, session(news.host), news, olds));
      return { outs: news };
    },

    async delete(_id, state) {
      if (state.deletable !== true || kind.remove === undefined)
        throw new Error("not removed: it is not deletable - set deletable: true and run up, then remove it");
      const guest = session(state.host);
      await perform(guest, await kind.remove(state, () => seen(kind, guest, state)));
    },
  });
}
