/** A schema as data that can be walked by a path: which keys are known where, and what they are for. Pure. */
import { z } from "zod";
import { houseSchema } from "./schema";

/** The part of JSON Schema that the house's schemas turn into, and that Compose's own is written in. */
export interface Shape {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly oneOf?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
  /** `#/definitions/service` */
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, Shape>>;
}

/** Branches that the value may be meant as: all but those whose fixed keys it contradicts. */
function branches(root: Shape, shape: Shape, value: unknown): readonly Shape[] {
  const target = root.definitions?.[shape.$ref?.split("/").at(-1) ?? ""];
  if (target) return branches(root, target, value);
  const all = shape.oneOf ?? shape.anyOf;
  if (!all) return [shape];
  const given = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const fits = (branch: Shape) =>
    Object.entries(branch.properties ?? {}).every(
      ([key, { const: fixed }]) => fixed === undefined || given[key] === undefined || given[key] === fixed,
    );
  return all.flatMap((branch) => (branch.$ref === undefined ? [branch] : branches(root, branch, value))).filter(fits);
}

function below({ properties, patternProperties = {}, ...shape }: Shape, key: PropertyKey): Shape | boolean | undefined {
  if (typeof key === "number") return shape.items;
  const pattern = Object.keys(patternProperties).find((one) => new RegExp(one).test(String(key)));
  return properties?.[String(key)] ?? patternProperties[pattern ?? ""] ?? shape.additionalProperties;
}

function step(root: Shape, shapes: readonly Shape[], key: PropertyKey, value: unknown): readonly Shape[] {
  return shapes
    .flatMap((shape) => branches(root, shape, value))
    .flatMap((shape) => {
      const next = below(shape, key);
      return typeof next === "object" ? [next] : [];
    });
}

export interface ShapeAt {
  /** Keys that are known there. */
  readonly keys: readonly string[];
  /** What stands there, in words. */
  readonly description?: string;
}

/**
 * What a schema knows of paths in data that it describes.
 * @param raw the data: it tells which branch of a union is meant.
 */
export function shapeOf(root: Shape, raw: unknown): (path: readonly PropertyKey[]) => ShapeAt {
  return (path) => {
    let shapes: readonly Shape[] = [root];
    let value = raw;
    for (const key of path) {
      shapes = step(root, shapes, key, value);
      value = valueAt(value, [key]);
    }
    const meant = shapes.flatMap((shape) => branches(root, shape, value));
    return {
      keys: [...new Set(meant.flatMap((shape) => Object.keys(shape.properties ?? {})))],
      description: shapes.map((shape) => shape.description).find((text) => text !== undefined),
    };
  };
}

/** The same of a house, by its sections. The schema is made once for all problems: it takes some milliseconds. */
export const shapesOf = (raw: unknown): ((path: readonly PropertyKey[]) => ShapeAt) =>
  shapeOf(z.toJSONSchema(houseSchema, { io: "input", target: "draft-7" }) as Shape, raw);

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
