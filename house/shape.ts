/** The house's schema as data that can be walked by a path: which keys are known where, and what they are for. Pure. */
import { z } from "zod";
import { houseSchema } from "./schema";

/** The part of JSON Schema that the house's schemas turn into. */
interface Shape {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly oneOf?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
}

/** Branches that the value may be meant as: all but those whose fixed keys it contradicts. */
function branches(shape: Shape, value: unknown): readonly Shape[] {
  const all = shape.oneOf ?? shape.anyOf;
  if (!all) return [shape];
  const given = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const fits = (branch: Shape) =>
    Object.entries(branch.properties ?? {}).every(
      ([key, { const: fixed }]) => fixed === undefined || given[key] === undefined || given[key] === fixed,
    );
  return all.filter(fits);
}

function step(shapes: readonly Shape[], key: PropertyKey, value: unknown): readonly Shape[] {
  return shapes
    .flatMap((shape) => branches(shape, value))
    .flatMap((shape) => {
      const below =
        typeof key === "number" ? shape.items : (shape.properties?.[String(key)] ?? shape.additionalProperties);
      return typeof below === "object" ? [below] : [];
    });
}

export interface ShapeAt {
  /** Keys that are known there. */
  readonly keys: readonly string[];
  /** What stands there, in words. */
  readonly description?: string;
}

/**
 * What the schema knows of paths in a house. Made once for all problems: it takes some milliseconds.
 * @param raw the house's sections: they tell which branch of a union is meant.
 */
export function shapesOf(raw: unknown): (path: readonly PropertyKey[]) => ShapeAt {
  const root = z.toJSONSchema(houseSchema, { io: "input", target: "draft-7" }) as Shape;
  return (path) => {
    let shapes: readonly Shape[] = [root];
    let value = raw;
    for (const key of path) {
      shapes = step(shapes, key, value);
      value = valueAt(value, [key]);
    }
    const meant = shapes.flatMap((shape) => branches(shape, value));
    return {
      keys: [...new Set(meant.flatMap((shape) => Object.keys(shape.properties ?? {})))],
      description: shapes.map((shape) => shape.description).find((text) => text !== undefined),
    };
  };
}

/** The value at a path of plain data; `undefined` where there is none. */
export function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    raw,
  );
}
