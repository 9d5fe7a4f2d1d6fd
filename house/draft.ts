/**
 * What is sound in sections that have problems: each bad value is left out, with what can't be without it. So the rules
 * that hold values against one another are checked together with those of single values, and everything is said at once.
 */
import type { z } from "zod";
import type { Sections } from "./load";
import { draftSchema, type Draft } from "./schema";
import { valueAt } from "./shape";

type Path = readonly PropertyKey[];

/** Each round takes one level off what is bad, and a house has fewer levels. */
const ROUNDS = 12;

function without(value: unknown, path: Path): unknown {
  const [key, ...rest] = path;
  if (key === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value as unknown[];
    return rest.length === 0
      ? items.filter((_, index) => index !== key)
      : items.map((item, index) => (index === key ? without(item, rest) : item));
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      if (name !== key) return [[name, item] as const];
      return rest.length === 0 ? [] : [[name, without(item, rest)] as const];
    }),
  );
}

/** What to take out for an issue: the value, or what holds it where there is none; unknown keys by name. */
function culprits(raw: unknown, issue: z.core.$ZodIssue): Path[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...issue.path, key]);
  return [valueAt(raw, issue.path) === undefined ? issue.path.slice(0, -1) : issue.path];
}

/** The last first, so that taking one item out of a list doesn't move those still to go. */
const lastFirst = (a: Path, b: Path): number => {
  const at = a.findIndex((key, index) => key !== b[index]);
  const [x, y] = [a[at], b[at]];
  return typeof x === "number" && typeof y === "number" ? y - x : b.length - a.length;
};

export function draftOf(sections: Sections): Draft {
  let raw: unknown = sections;
  for (let round = 0; round < ROUNDS; round++) {
    const result = draftSchema.safeParse(raw);
    if (result.success) return result.data;
    const paths = result.error.issues.flatMap((issue) => culprits(raw, issue)).sort(lastFirst);
    raw = paths.reduce<unknown>((left, path) => (path.length === 0 ? {} : without(left, path)), raw);
  }
  return {};
}
