/**
 * `up --refresh` as two commands of the engine: a refresh, then an `up`. The engine's own ends as a whole, before the
 * program runs, where one thing can't be read: one guest that is down would keep all others from being repaired. A
 * refresh records what it could read, and leaves the rest as it was. Pure, but for {@link runRefreshFirst}.
 */
import type { Person } from "./person";

/** Commands that do again what a killed run had begun. */
export const REPEATING: ReadonlySet<string> = new Set(["up", "update"]);

/** By their letters: flags with a value, and without. */
const VALUED: Readonly<Record<string, string>> = {
  ...{ s: "--stack", c: "--config", m: "--message", t: "--target", p: "--parallel" },
  ...{ C: "--cwd", v: "--verbose" },
};
const PLAIN: Readonly<Record<string, string>> = {
  ...{ d: "--debug", j: "--json", f: "--skip-preview", y: "--yes", r: "--refresh" },
  ...{ e: "--emoji", Q: "--fully-qualify-stack-names", h: "--help" },
};

/** Of those that `up` and `refresh` both have, with one meaning: the ones with a value. Pulumi 3.259. */
const SHARED_VALUED = new Set([
  ...Object.values(VALUED),
  ...["--config-file", "--exclude", "--output", "--color", "--client", "--override-env"],
  ...["--tracing", "--otel-traces", "--profiling", "--memprofilerate", "--target-replace"],
]);

/** The ones without. */
const SHARED_PLAIN = new Set([
  ...["--debug", "--json", "--emoji", "--fully-qualify-stack-names", "--non-interactive", "--config-path", "--diff"],
  ...["--disable-integrity-checking", "--logflow", "--logtostderr", "--skip-config-validation"],
  ...["--show-replacement-steps", "--show-sames", "--urns", "--suppress-outputs", "--suppress-progress"],
  ...["--suppress-permalink", "--target-dependents", "--exclude-dependents", "--skip-plugin-pre-install"],
]);

/** A flag with its value, as it was given; without a name: any other word. */
interface Given {
  readonly name: string;
  readonly words: readonly string[];
  readonly value?: string;
}

function* flagsOf(args: readonly string[]): Generator<Given> {
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    const [, long, inline] = /^(--[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (long !== undefined) {
      const separate = inline === undefined && SHARED_VALUED.has(long) ? args.slice(++at, at + 1) : [];
      yield { name: long, words: [word, ...separate], value: inline ?? separate[0] };
    } else if (/^-\w/.test(word)) {
      const separate = yield* lettersOf(word, args[at + 1]);
      if (separate) at++;
    } else yield { name: "", words: [word] };
  }
}

/** `-yrs home`, `-r=false`. @returns whether the next word belongs to it. */
function* lettersOf(word: string, next: string | undefined): Generator<Given, boolean> {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at] ?? "";
    const rest = word.slice(at + 1);
    const plain = PLAIN[letter];
    if (plain !== undefined && !rest.startsWith("=")) {
      yield { name: plain, words: [`-${letter}`] };
      continue;
    }
    const separate = plain === undefined && rest === "" && next !== undefined;
    const name = plain ?? VALUED[letter] ?? "";
    const value = separate ? next : rest.replace(/^=/, "");
    yield { name, words: [`-${letter}${rest}`, ...(separate && name !== "" ? [next] : [])], value };
    return separate && name !== "";
  }
  return false;
}

const isTrue = (text = "true"): boolean => /^(1|t|true)$/i.test(text);

export interface Apart {
  readonly refresh: readonly string[];
  readonly up: readonly string[];
  /** Whether both may be done without a question. */
  readonly approved: boolean;
}

/**
 * @param args of the engine: `["up", "--refresh", "--stack", "home"]`. @param env that it runs with.
 * @returns `undefined` where they ask for no refresh, for one by the program, or for an end at the first failure.
 */
export function refreshApart(args: readonly string[], env: NodeJS.ProcessEnv): Apart | undefined {
  const [command = "", ...rest] = args;
  const given = [...flagsOf(rest)];
  const last = (name: string): Given | undefined => given.findLast((flag) => flag.name === name);
  const isSet = (name: string, variable?: string): boolean => {
    const flag = last(name);
    if (flag !== undefined) return isTrue(flag.value);
    return variable !== undefined && isTrue(env[variable] ?? "");
  };
  if (!REPEATING.has(command) || !isSet("--refresh") || last("--help")) return undefined;
  if (!isSet("--continue-on-error", "PULUMI_CONTINUE_ON_ERROR")) return undefined;
  // One command's answer is one document.
  if (isSet("--json")) return undefined;
  // Each look is a part of the program's run, then, and the first that fails ends a refresh: nothing to be had by two.
  if (isSet("--run-program", "PULUMI_RUN_PROGRAM")) return undefined;
  const shared = given
    .filter(({ name }) => SHARED_VALUED.has(name) || SHARED_PLAIN.has(name))
    .flatMap(({ words }) => words.map((word) => word.replace(/^--target-replace(?==|$)/, "--target")));
  return {
    refresh: ["refresh", ...shared],
    // Said in so many words: a variable or the project may ask for a refresh, too.
    up: [command, "--refresh=false", ...given.filter(({ name }) => name !== "--refresh").flatMap(({ words }) => words)],
    approved: ["--yes", "--skip-preview"].some((name) => isSet(name)) || isTrue(env.PULUMI_SKIP_CONFIRMATIONS ?? ""),
  };
}

/** The engine's exit code where something failed that its messages tell: what could not be read, most of all. */
const FAILED = 1;

const LEFT = "the refresh failed, as is said above: what could not be looked at is left as it is recorded";

export interface Running {
  /** Hands the terminal to the engine. @returns its exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
  readonly env: NodeJS.ProcessEnv;
  /** Who can be asked. */
  readonly person?: Person;
  readonly say: (line: string) => void;
}

/** Any command of the engine; an `up --refresh` repairs what can be reached. @returns 0 where all was looked at and done. */
export async function runRefreshFirst(args: readonly string[], { run, env, person, say }: Running): Promise<number> {
  const apart = refreshApart(args, env);
  if (apart === undefined) return run(args);
  if (!apart.approved) {
    // All can be read, or nobody can be asked: the engine's own `up --refresh` shows both as one, and asks once.
    if (person === undefined) return run(args);
    const looked = await withoutInterrupt(() => run([...apart.refresh, "--preview-only"]));
    if (looked === 0) return run(args);
    if (looked !== FAILED) return looked;
    say("not everything could be looked at: see above");
    if (!(await person.agrees("Write what was found into the stack's state, and go on to an update?"))) return FAILED;
  }
  // With a preview it would end there: nothing would be recorded.
  const refreshed = await withoutInterrupt(() => run([...apart.refresh, "--yes", "--skip-preview"]));
  if (refreshed !== 0 && refreshed !== FAILED) return refreshed;
  if (refreshed === FAILED) say(`${LEFT}; the rest goes on`);
  const updated = await run(apart.up);
  if (refreshed === FAILED) say(`${LEFT}: run the same again once it answers`);
  return updated === 0 ? refreshed : updated;
}

/** Pulumi's own code for it. */
const CANCELLED = 8;

/** What a person interrupted has failed by its code: nothing is to follow it. */
async function withoutInterrupt(act: () => Promise<number>): Promise<number> {
  const signals: string[] = [];
  const note = (signal: string): void => {
    signals.push(signal);
  };
  process.on("SIGINT", note);
  try {
    const code = await act();
    return signals.length > 0 ? CANCELLED : code;
  } finally {
    process.off("SIGINT", note);
  }
}
