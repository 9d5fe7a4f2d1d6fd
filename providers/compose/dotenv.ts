/** A `.env` file as Docker Compose (v2) reads it: printed so that every value comes back as it was. Pure. */

export type Variables = Readonly<Record<string, string>>;

/** Nothing in it means anything to Compose. */
const PLAIN = /^[A-Za-z0-9_/.:,@%+=-]+$/;

/**
 * In single quotes nothing is replaced; a quote can't stand in them, and a backslash before the closing one would take it
 * for one. In double quotes `$` begins a variable, and `\n` is a line break.
 */
function printed(value: string): string {
  if (value === "" || PLAIN.test(value)) return value;
  if (!/['\\\n\r]/.test(value)) return `'${value}'`;
  const escaped = value
    .replace(/[\\"$]/g, (character) => `\\${character}`)
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
  return `"${escaped}"`;
}

/** One variable a line, in the names' order. */
export const printDotenv = (variables: Variables): string =>
  Object.entries(variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${printed(value)}\n`)
    .join("");

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (_, character: string) => ESCAPES[character] ?? character);

/** A value's beginning: quoted ones may go over several lines. */
const ENTRY =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*[=:][ \t]*(?:'((?:[^'])*)'|"((?:\\[\s\S]|[^"\\])*)"|([^\r\n]*))/gm;

/**
 * Variables that stand in double quotes or in none aren't replaced: a file that uses them is read as it is written.
 * Comments and what is no assignment are left out.
 */
export function parseDotenv(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", single, double, plain = ""] of text.matchAll(ENTRY))
    found[name] = single ?? (double === undefined ? bare(plain) : unescaped(double));
  return found;
}

/** A comment begins after a blank. */
const bare = (text: string): string => text.replace(/(^|\s)#.*$/, "").trim();

/**
 * What goes to the guest: the house's variables, and those of the guest's own file that the house never named. One that
 * the house named before and names no more goes. So does an empty one: a container that is handed it as it is would get
 * an empty text, which Radarr, say, takes for a key that it has to make anew each time.
 */
export function mergedEnv(live: Variables, olds: Variables, wanted: Variables): Record<string, string> {
  const kept = Object.entries(live).filter(([name, value]) => !(name in olds) && value !== "");
  return { ...Object.fromEntries(kept), ...wanted };
}
