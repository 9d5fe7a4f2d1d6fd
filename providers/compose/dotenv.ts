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

/**
 * A variable with its value, which may go over several lines where it is quoted; or the bare name of one that Compose takes
 * from where it is run.
 */
const ENTRY =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*(?:[=:][ \t]*(?:'((?:\\[\s\S]|[^'\\])*)'|"((?:\\[\s\S]|[^"\\])*)"|([^\r\n]*))|$)/gm;

/**
 * Variables that stand in double quotes or in none aren't replaced: a file that uses them is read as it is written.
 * Comments and what is no assignment are left out.
 */
export function parseDotenv(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", single, double, plain] of text.matchAll(ENTRY)) {
    const value = single?.replaceAll("\\'", "'") ?? (double === undefined ? plain && bare(plain) : unescaped(double));
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** A comment begins after a blank. */
const bare = (text: string): string => text.replace(/(^|\s)#.*$/, "").trim();

/**
 * What of a guest's file is nobody's but the guest's: each variable as it is written there, in the file's order. Read and
 * printed again one that uses another would be that one's name, and not its value.
 * @param named variables that somebody else answers for.
 */
export const othersIn = (text: string, named: ReadonlySet<string>): string[] =>
  [...text.matchAll(ENTRY)].flatMap(([entry, name = ""]) => (named.has(name) ? [] : [entry.trim()]));
