/** A schema's verdict as the engine's check failures. Pure. */
import type { z } from "zod";
import { isUnknown } from "./unknown";
import type { CheckFailure } from "./lifecycle";

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((parent, key) => {
    if (typeof parent !== "object" || parent === null) return isUnknown(parent) ? parent : undefined;
    return (parent as Record<PropertyKey, unknown>)[key];
  }, value);
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** What the schema has against the value, the first issue of each property. What is unknown in a preview is taken for right. */
export function failuresOf(schema: z.ZodType, value: unknown): CheckFailure[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  const failures = result.error.issues.flatMap((issue): CheckFailure[] => {
    const found = at(value, issue.path);
    if (isUnknown(found)) return [];
    const property = issue.path.join(".");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        property: [...issue.path, key].join("."),
        reason: "no such property - check its spelling, or leave it out",
      }));
    const reason = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return [{ property, reason: [shown(found), reason].filter((part) => part !== "").join(": ") }];
  });
  return failures.filter(({ property }, index) => failures.findIndex((other) => other.property === property) === index);
}
