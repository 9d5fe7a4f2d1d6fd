/**
 * `.env.example` of a stack: every variable with what it is for and where it comes from. Somebody without this program
 * copies the file to `.env` and fills it in; the program reads the same file. Pure.
 *
 *     # Where the VM mounts the NAS's export. [house library]
 *     LIBRARY=/mnt/nas
 *
 * The comment ends with where the value comes from:
 * - `[house WORD]`: from the house; what stands here is what it is where the house doesn't say.
 * - `[setting]`: what stands here, unless the house's `settings` say otherwise. `optional`: may be empty, and is left out
 *   then. `required`: the house has to say it.
 * - `[secret]`: from the house's `secrets`, required. `generate`: any random text will do. `optional`: may be missing.
 *
 * An optional one that a container is handed as it is stands there commented out, `# NAME=`: in a copied file an empty one
 * reaches the container as an empty text, which not every program takes for none.
 */
import type { Problem } from "../../values/problem";

/** What a house knows and a stack may ask for; see words.ts. */
export const HOUSE_WORDS = ["timezone", "uid", "gid", "library", "subnet", "tunnel", "url", "hosts"] as const;
export type HouseWord = (typeof HOUSE_WORDS)[number];

export interface Variable {
  readonly name: string;
  /** What it is for, in a sentence or two. */
  readonly purpose: string;
  /** What it is unless somebody says otherwise; a secret has none. */
  readonly example: string;
  /** Whether it is commented out: somebody who copies the file doesn't have it. */
  readonly commented: boolean;
  readonly source:
    | { readonly kind: "house"; readonly word: HouseWord }
    | { readonly kind: "setting"; readonly need: "default" | "optional" | "required" }
    | { readonly kind: "secret"; readonly need: "generate" | "optional" | "required" };
}

type Source = Variable["source"];

const FORMS: Readonly<Record<string, Source>> = {
  setting: { kind: "setting", need: "default" },
  "setting optional": { kind: "setting", need: "optional" },
  "setting required": { kind: "setting", need: "required" },
  secret: { kind: "secret", need: "required" },
  "secret generate": { kind: "secret", need: "generate" },
  "secret optional": { kind: "secret", need: "optional" },
  ...Object.fromEntries(HOUSE_WORDS.map((word) => [`house ${word}`, { kind: "house", word }] as const)),
};

/** `# NAME=`: capitals, since a comment may have an equals sign, too. */
const COMMENTED = /^#\s?(?=[A-Z_][A-Z0-9_]*=)/;

function parseBlock(block: string, at: (name: string) => string): Variable | Problem | undefined {
  const lines = block.split("\n").filter((line) => line !== "");
  const isComment = (line: string): boolean => line.startsWith("#") && !COMMENTED.test(line);
  const comment = lines.filter(isComment).map((line) => line.replace(/^#\s?/, ""));
  const rest = lines.filter((line) => !isComment(line));
  if (rest.length === 0) return undefined;
  const commented = COMMENTED.test(rest[0] ?? "");
  const [, name, example] = /^([A-Za-z_]\w*)=(.*)$/.exec((rest[0] ?? "").replace(COMMENTED, "")) ?? [];
  if (rest.length > 1 || name === undefined || example === undefined) {
    const fix = "write a comment, and NAME=value below it";
    return { path: at(""), value: rest.join(" "), rule: "is no variable", fix };
  }
  const [, purpose, form = ""] = /^(.*\S)\s*\[([a-z ]+)\]$/s.exec(comment.join(" ")) ?? [];
  const source = FORMS[form];
  if (purpose === undefined || !source) {
    const fix = `end its comment with one of: ${Object.keys(FORMS)
      .map((known) => `[${known}]`)
      .join(", ")}`;
    return { path: at(name), rule: "doesn't say where its value comes from", fix };
  }
  return { name, purpose, example, commented, source };
}

/** A block ends with its variable, or with an empty line: a comment above it is of the whole file. */
const blocksOf = (text: string): string[] => text.split(/\n{2,}|(?<=^(?:[^#\n]|#\s?[A-Z_][A-Z0-9_]*=)[^\n]*)\n/m);

/** Names that stand there, described well or not. */
export const namesIn = (text: string): string[] =>
  [...text.matchAll(/^(?:#\s?(?=[A-Z_][A-Z0-9_]*=))?([A-Za-z_]\w*)=/gm)].map(([, name = ""]) => name);

/** @param file its name, for messages: `stacks/radarr/.env.example`. */
export function parseVariables(text: string, file: string): { variables: Variable[]; problems: Problem[] } {
  const at = (name: string): string => (name === "" ? file : `${file}: ${name}`);
  const parsed = blocksOf(text).flatMap((block) => parseBlock(block, at) ?? []);
  const variables = parsed.filter((one): one is Variable => "source" in one);
  const problems = parsed.filter((one): one is Problem => "rule" in one);
  const twice = variables.filter(({ name }, index) => variables.findIndex((other) => other.name === name) !== index);
  return {
    variables,
    problems: [
      ...problems,
      ...twice.map(({ name }) => ({ path: at(name), rule: "is given twice", fix: "take out one of the two" })),
    ],
  };
}
