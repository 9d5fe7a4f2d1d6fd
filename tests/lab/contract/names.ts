/**
 * The random names that a server gives out (task ids, MACs, uuids, digests, tickets), and which live one stands for
 * which recorded one. A name is bound when both servers give theirs out in the same place; from then on the two have
 * to go together, in both directions, and later requests use the live one. Keeps its bindings, touches nothing else.
 */

interface Kind {
  readonly name: string;
  readonly pattern: string;
  /** What of a name is not random. */
  readonly fixed: (value: string) => string;
  /** Whether one live name may stand for many recorded ones: tickets given out within a second are the same. */
  readonly mayRepeat?: true;
}

const nothing = (): string => "";

const kinds: readonly Kind[] = [
  {
    name: "upid",
    pattern: "UPID:[^:\\s]+:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:[^:\\s]*:[^:\\s]*:[^:\\s]+:",
    fixed: (upid) => [upid.split(":")[1], ...upid.split(":").slice(5)].join(":"),
  },
  {
    name: "ticket",
    pattern: "PVE:[^:\\s]+:[0-9A-F]{8}::[A-Za-z0-9+/=]+",
    fixed: (t) => t.split(":")[1] ?? "",
    mayRepeat: true,
  },
  { name: "csrf", pattern: "[0-9A-F]{8}:[A-Za-z0-9+/=]{40,}", fixed: nothing, mayRepeat: true },
  { name: "uuid", pattern: "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", fixed: nothing },
  { name: "mac", pattern: "(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])", fixed: nothing },
  /** A password's hash; where the salt is made up it is `SALT`. */
  { name: "crypt", pattern: "\\$5\\$[A-Za-z0-9./_-]+\\$[A-Za-z0-9./_-]+", fixed: nothing },
  { name: "digest", pattern: "(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])", fixed: nothing },
];

interface Found {
  readonly kind: Kind;
  readonly value: string;
}

export class Names {
  private readonly live = new Map<string, string>();
  private readonly recorded = new Map<string, string>();

  /** A recorded request's text with the live names in it. Names first seen in a request are the client's own. */
  toLive(text: string): string {
    return text.replace(anyName(), (value) => {
      const known = this.live.get(value);
      if (known === undefined) this.bind(value, value);
      return known ?? value;
    });
  }

  /** Whether two texts say the same but for names that go together; binds those met for the first time. */
  agree(recorded: string, live: string): boolean {
    if (skeleton(recorded) !== skeleton(live)) return false;
    const theirs = namesIn(live);
    return namesIn(recorded)
      .map((name, i) => this.bind(name.value, theirs[i]?.value ?? ""))
      .every((bound) => bound);
  }

  private bind(recorded: string, live: string): boolean {
    const known = this.live.get(recorded);
    const standsFor = this.recorded.get(live);
    const mayRepeat = kindOf(recorded).mayRepeat === true;
    if (!mayRepeat && (known !== undefined || standsFor !== undefined)) return known === live && standsFor === recorded;
    this.live.set(recorded, live);
    this.recorded.set(live, recorded);
    return true;
  }
}

/** The names in a text, left to right. */
export function namesIn(text: string): Found[] {
  return [...text.matchAll(anyName())].map(([value]) => ({ value, kind: kindOf(value) }));
}

/** The text with each random name replaced by its kind and what of it is not random. */
export function skeleton(text: string): string {
  return text.replace(anyName(), (value) => {
    const kind = kindOf(value);
    return `<${kind.name} ${kind.fixed(value)}>`;
  });
}

function anyName(): RegExp {
  return new RegExp(kinds.map(({ pattern }) => `(?:${pattern})`).join("|"), "g");
}

function kindOf(value: string): Kind {
  const kind = kinds.find(({ pattern }) => new RegExp(`^(?:${pattern})$`).test(value));
  if (kind === undefined) throw new Error(`${value} is of no kind of random name: its pattern looks around itself`);
  return kind;
}
