/**
 * Compose's own JSON Schema, for saying what a Compose file has that Compose doesn't know: a misspelt key, a list where a text
 * belongs. Pure; who reads the schema is the caller's business.
 */
import { z } from "zod";
import type { Problem } from "../../values/problem";
import { nearest, typeName } from "../issues";
import { shapeOf, valueAt, type ShapeAt } from "../shape";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What is wrong with a Compose file's data; paths go from the top of the file down. */
export type ComposeSpec = (document: unknown) => Problem[];

/** Extensions are everybody's own. Where the schema has a word for them, zod tells of unknown keys in a second round only. */
function withoutExtensions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExtensions);
  if (typeof value !== "object" || value === null) return value;
  const own = Object.entries(value).filter(([key]) => !key.startsWith("x-"));
  return Object.fromEntries(own.map(([key, item]) => [key, withoutExtensions(item)]));
}

/** The schema without what it says of extensions. */
function strictly(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strictly);
  if (typeof node !== "object" || node === null) return node;
  const own = Object.entries(node).filter(
    ([key, item]) =>
      key !== "patternProperties" || Object.keys(item as object).some((pattern) => !pattern.startsWith("^x-")),
  );
  return Object.fromEntries(own.map(([key, item]) => [key, strictly(item)]));
}

/** Values that may be somebody's secret are not told. */
function told(path: Path, value: unknown): { readonly value?: string } {
  const open = !path.includes("environment") && ["string", "number", "boolean"].includes(typeof value);
  return open ? { value: String(value) } : {};
}

/** Of several ways to write a value, what is wrong in the one that was meant: where nothing but its type is, that isn't it. */
function inside({ errors, path }: Issue & { readonly code: "invalid_union" }): Issue[] {
  const meant = errors.filter((branch) => !branch.some((one) => one.code === "invalid_type" && one.path.length === 0));
  const [first] = [...meant].sort((a, b) => a.length - b.length);
  return (first ?? []).map((one) => ({ ...one, path: [...path, ...one.path] }));
}

/** Types that a union takes, in words. */
const types = (errors: readonly (readonly Issue[])[]): string[] => [
  ...new Set(errors.flat().flatMap((one) => (one.code === "invalid_type" ? [typeName(one.expected)] : []))),
];

function unknownKey({ keys }: ShapeAt, path: Path, key: string): Problem {
  const near = nearest(key, keys);
  const fix = near === undefined ? `take it out, or use one of: ${keys.join(", ")}` : `did you mean ${near}?`;
  return { path: [...path, key].map(String).join("."), rule: "Compose knows no such key", fix };
}

function problemsOf(shapes: (path: Path) => ShapeAt, document: unknown, issue: Issue): Problem[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(shapes(path), path, key));
  const value = valueAt(document, path);
  const at = { path: path.map(String).join("."), ...told(path, value) };
  const be = (wanted: readonly string[]): Problem[] => [
    { ...at, rule: `must be ${wanted.join(" or ")}`, fix: "write it as Compose's reference has it" },
  ];
  switch (issue.code) {
    case "invalid_union": {
      const deeper = inside(issue);
      if (deeper.length > 0) return deeper.flatMap((one) => problemsOf(shapes, document, one));
      return be(types(issue.errors));
    }
    case "invalid_type":
      return be([typeName(issue.expected)]);
    case "invalid_value": {
      const options = issue.values.map(String);
      const near = typeof value === "string" ? nearest(value, options) : undefined;
      const fix = near === undefined ? "take one of these" : `did you mean ${near}?`;
      return [{ ...at, rule: `must be one of ${options.join(", ")}`, fix }];
    }
    default:
      return [{ ...at, rule: issue.message, fix: "write it as Compose's reference has it" }];
  }
}

/** @param schema Compose's own, draft 7. Made once: it takes some 20 milliseconds. */
export function composeSpec(schema: Readonly<Record<string, unknown>>): ComposeSpec {
  const parser = z.fromJSONSchema(strictly({ ...schema, $schema: undefined }) as z.core.JSONSchema.BaseSchema, {
    defaultTarget: "draft-7",
  });
  return (document) => {
    const own = withoutExtensions(document);
    const parsed = parser.safeParse(own);
    const shapes = shapeOf(schema, own);
    return parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(shapes, own, issue));
  };
}
