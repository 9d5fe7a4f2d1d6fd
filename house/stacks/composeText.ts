/** From the text of a Compose file to what the program reads of it, or to everything that is wrong with it. Pure. */
import { LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import type { Problem } from "../../values/problem";
import { composeSchema, type Compose } from "./compose";
import type { ComposeSpec } from "./composeSpec";

/** What the program's own reading refuses; `told`: in words of its own, not the library's. */
function ownProblem(issue: z.core.$ZodIssue): Problem & { readonly told: boolean } {
  const [rule = "", fix] = issue.message.split(" - ");
  const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
  const path = [...issue.path, ...keys].map(String).join(".");
  return { path, rule, fix: fix ?? "correct it: docs/services.md says what stands there", told: fix !== undefined };
}

const isAt = (path: string, other: string): boolean => path === other || path.startsWith(`${other}.`);

/** One problem a place: in the program's own words where it has any, else as Compose's schema has it. */
function together(own: readonly z.core.$ZodIssue[], foreign: readonly Problem[]): Problem[] {
  const said = own
    .map(ownProblem)
    .filter(({ told, path }) => told || !foreign.some((one) => isAt(one.path, path)))
    .map(({ told, ...problem }) => problem);
  const paths = new Set(said.map(({ path }) => path));
  return [...said, ...foreign.filter(({ path }) => !paths.has(path))];
}

/**
 * @param file its path, for messages.
 * @param spec what Compose itself takes; left out where that is not asked.
 */
export function parseCompose(
  text: string,
  file: string,
  spec: ComposeSpec = () => [],
): { readonly compose: Compose } | { readonly problems: readonly Problem[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, merge: true, lineCounter });
  // What follows the first is mostly its consequence.
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lineCounter.linePos(error.pos[0]);
    return { problems: [{ path: `${file}:${line}`, rule: `is no YAML: ${error.message}`, fix: "correct it" }] };
  }
  const data: unknown = document.toJS();
  const parsed = composeSchema.safeParse(data);
  const problems = together(parsed.error?.issues ?? [], spec(data));
  if (parsed.success && problems.length === 0) return { compose: parsed.data };
  return {
    problems: problems.map(({ path, ...rest }) => ({ path: path === "" ? file : `${file}: ${path}`, ...rest })),
  };
}
