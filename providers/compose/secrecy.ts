/**
 * Secrets in what is said of a stack: Compose quotes a line of `.env` that it can't read, and a service that doesn't like its
 * password prints it. Every message of a deployment goes through here, whoever wrote it. Pure.
 */
import { masked } from "../ssh/quote";
import type { ComposeStackInputs } from "./args";
import { printDotenv, type Variables } from "./dotenv";

type Stack = Pick<ComposeStackInputs, "project" | "services" | "env" | "secrets">;

/** Of variables that no house names: the guest's own, and those of a stack that was recorded before secrets were. */
const SECRET_NAME = /PASS|SECRET|TOKEN|KEY|CREDENTIAL/i;

/** Shorter ones stand in every text, and are no secret that is worth the name. */
const SHORTEST = 4;
/** From here on a value stands in no word by chance. */
const LONG = 8;
/** Words and small numbers that messages are made of: blanked out they would tell the value, and hide what happened. */
const TRIVIAL = /^(?:true|false|none|null|default|admin|root|user|password|secret|\d{4,5})$/i;

/** A value in the forms in which programs quote it: as JSON and Go do, in an address, in `.env`, and one line of it. */
function forms(value: string): string[] {
  const inFile = printDotenv({ V: value })
    .slice(2, -1)
    .replace(/^(['"])(.*)\1$/s, "$2");
  return [
    ...[value, JSON.stringify(value).slice(1, -1), inFile, value.replaceAll("$", "$$$$")],
    encodeURIComponent(Buffer.from(value).toString()),
    ...value.split(/[\r\n]+/).filter((line) => line.length >= LONG),
  ];
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** What of these stacks nobody may read. @param own variables of the guest's file. */
function valuesOf(stacks: readonly Stack[], own: Variables): string[] {
  const named = stacks.flatMap(({ env, secrets = Object.keys(env).filter((name) => SECRET_NAME.test(name)) }) =>
    secrets.flatMap((name) => env[name] ?? []),
  );
  const marked = new Set(stacks.flatMap(({ secrets = [] }) => secrets));
  const known = new Set(stacks.flatMap(({ env }) => Object.keys(env)));
  const others = Object.entries(own).filter(
    ([name]) => marked.has(name) || (!known.has(name) && SECRET_NAME.test(name)),
  );
  return [...new Set([...named, ...others.map(([, value]) => value)])];
}

/** @returns a function that shows `[secret]` for each value that is one, in every form of it. */
function hiding(stacks: readonly Stack[], own: Variables): (text: string) => string {
  // Told everywhere anyway: a database's password that is its service's name hides nothing but the service.
  const open = new Set(stacks.flatMap(({ project, services }) => [project, ...Object.keys(services)]));
  const values = valuesOf(stacks, own).filter(
    (value) => value.length >= SHORTEST && !TRIVIAL.test(value) && !open.has(value),
  );
  const long = values.filter((value) => value.length >= LONG).flatMap(forms);
  const short = values.filter((value) => value.length < LONG);
  return (text) =>
    short.reduce(
      (rest, value) => rest.replace(new RegExp(`(?<![A-Za-z0-9_])${literal(value)}(?![A-Za-z0-9_])`, "g"), "[secret]"),
      masked(
        text,
        long.filter((form) => form.length >= SHORTEST),
      ),
    );
}

/**
 * @param stacks as the house wants it, and as it was recorded: what a former release prints is a secret, too.
 * @param own variables of the guest's file.
 * @throws what `run` throws, without its secrets
 */
export async function withoutSecrets<T>(stacks: readonly Stack[], own: Variables, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = hiding(stacks, own)(error.message);
    // Nothing of the former one goes along: its stack and its cause say the same.
    throw message === error.message ? error : new Error(message);
  }
}
