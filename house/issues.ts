/** zod's issues as problems: path, value, rule and fix, all of them. Pure. */
import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import type { Problem } from "../values/problem";
import { configKey, type Sections } from "./load";
import { shown } from "./secrets";
import { shapesOf, valueAt, type ShapeAt } from "./shape";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];
type Shapes = (path: Path) => ShapeAt;

const pathText = (path: Path): string => path.map(String).join(".");

/** The known word that a person may have meant, if any is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const far = (other: string): number => distance(word.toLowerCase(), other.toLowerCase());
  const [best] = [...known].sort((a, b) => far(a) - far(b));
  return best !== undefined && far(best) <= Math.max(2, word.length / 3) ? best : undefined;
}

const EXPECTED: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  string: "a text",
  array: "a list",
  object: "a map",
  record: "a map",
};

/** `array` as `a list`: what a person calls it. */
export const typeName = (expected: string): string => EXPECTED[expected] ?? expected;

/** The schemas' own messages carry both, as `rule - fix`. */
function split(message: string, fix: string): { rule: string; fix: string } {
  const at = message.indexOf(" - ");
  return at < 0 ? { rule: message, fix } : { rule: message.slice(0, at), fix: message.slice(at + 3) };
}

function unknownKey(shapes: Shapes, path: Path, key: string): Problem {
  if (path.length === 0 && key.includes(":")) {
    const section = key.slice(key.indexOf(":") + 1);
    if (!shapes([]).keys.includes(section)) return unknownKey(shapes, path, section);
    return { path: key, rule: "stands in the wrong namespace", fix: `write it as ${configKey(section)}` };
  }
  const { keys } = shapes(path);
  const near = nearest(key, keys);
  const meant = near !== undefined && path.length === 0 ? configKey(near) : near;
  const fix = meant === undefined ? `take it out, or use one of: ${keys.join(", ")}` : `did you mean ${meant}?`;
  return { path: pathText([...path, key]), rule: "there is no such key", fix };
}

function ruleOf(shapes: Shapes, issue: Issue, path: Path, value: unknown): { rule: string; fix: string } {
  const description = shapes(path).description ?? "see schemas/stack.schema.json";
  if (value === undefined) return { rule: "is missing", fix: `give it: ${description}` };
  const fix = `correct it: ${description}`;
  if (issue.message.includes(" - ")) return split(issue.message, description);
  switch (issue.code) {
    case "invalid_type":
      return { rule: `must be ${typeName(issue.expected)}`, fix };
    case "invalid_value":
      return oneOf(issue.values.map(String), value);
    case "invalid_union":
      return oneOf("options" in issue ? (issue.options as unknown[]).filter((o) => o != null).map(String) : [], value);
    case "too_small":
      return issue.origin === "array" || issue.origin === "string"
        ? { rule: "must not be empty", fix: "fill it, or leave the key out" }
        : { rule: `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`, fix };
    case "too_big":
      return { rule: `must be at most ${issue.maximum}${issue.origin === "string" ? " characters" : ""}`, fix };
    default:
      return { rule: issue.message, fix };
  }
}

function oneOf(options: readonly string[], value: unknown): { rule: string; fix: string } {
  const meant = typeof value === "string" ? nearest(value, options) : undefined;
  return {
    rule: `must be one of ${options.join(", ")}`,
    fix: meant === undefined ? "take one of these" : `did you mean ${meant}?`,
  };
}

function problemsOf(raw: Sections, shapes: Shapes, issue: Issue): Problem[] {
  const path = issue.path;
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(shapes, path, key));
  if (issue.code === "invalid_key") {
    const key = String(path.at(-1));
    const message = issue.issues[0]?.message ?? issue.message;
    return [{ path: pathText(path), value: key, ...split(message, "rename it") }];
  }
  const value = valueAt(raw, path);
  // That a map is a map says nothing where the rule is about what is in it.
  const text = issue.code === "custom" && typeof value === "object" ? undefined : shown(raw, path, value);
  return [{ path: pathText(path), value: text, ...ruleOf(shapes, issue, path, value) }];
}

export function problemsFromIssues(raw: Sections, issues: readonly Issue[]): Problem[] {
  const shapes = shapesOf(raw);
  return issues.flatMap((issue) => problemsOf(raw, shapes, issue));
}
