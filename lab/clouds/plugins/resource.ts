/** What a resource of a lab plugin says of itself, and what the service asks of it. */
import { z } from "zod";
import type { Rest } from "./rest";
import { hasUnknown, type Plain } from "./values";

export interface Live {
  readonly id: string;
  /** What the API shows of the inputs, all that it shows. */
  readonly inputs: Plain;
  readonly outputs: Plain;
}

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** It was made, and the rest failed: the engine records it, and goes on from there at the next run. */
export class HalfMade extends Error {
  /** @param inputs that it was made with. @param cause what failed. */
  constructor(
    readonly id: string,
    readonly inputs: Plain,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

interface Definition<Shape extends z.ZodRawShape> {
  /** `digitalocean:index/droplet:Droplet` */
  readonly token: string;
  /** Every input that the SDK's type has, and no other. */
  readonly shape: Shape;
  /** Inputs that the SDK has and the lab's cloud does not. */
  readonly lacking?: readonly (keyof Shape & string)[];
  /** Inputs whose change makes a new one, as in the real provider. */
  readonly replaceOn: readonly (keyof Shape & string)[];
  /** Inputs that the cloud chooses where they are not given: leaving one out is no change. */
  readonly computed?: readonly (keyof Shape & string)[];
  /** Inputs that no answer shows: they are what was given. */
  readonly unseen?: readonly (keyof Shape & string)[];
  /** Outputs that are not inputs: unknown until it is made. */
  readonly outputs: readonly string[];
  readonly named?: boolean;
  create(rest: Rest, inputs: z.output<z.ZodObject<Shape>>): Promise<string>;
  /** @param id as in the state, or as given to `import`. */
  read(rest: Rest, id: string, inputs: Plain): Promise<Live | undefined>;
  update(rest: Rest, id: string, inputs: z.output<z.ZodObject<Shape>>, former: Plain): Promise<void>;
  remove(rest: Rest, id: string, outputs: Plain): Promise<void>;
}

export interface CloudResource extends Omit<Definition<z.ZodRawShape>, "create" | "update" | "shape"> {
  check(inputs: Plain): Failure[];
  create(rest: Rest, inputs: Plain): Promise<string>;
  update(rest: Rest, id: string, inputs: Plain, former: Plain): Promise<void>;
}

export function cloudResource<Shape extends z.ZodRawShape>(definition: Definition<Shape>): CloudResource {
  const { shape, lacking = [] } = definition;
  const schema = z.strictObject(shape);
  return {
    ...definition,
    check: (inputs) => {
      const absent = lacking.filter((key) => inputs[key] !== undefined);
      const failures = absent.map((property) => ({ property, reason: "the lab's cloud does not have this" }));
      return [...failures, ...invalid(shape, inputs)];
    },
    create: (rest, inputs) => definition.create(rest, schema.parse(inputs)),
    update: (rest, id, inputs, former) => definition.update(rest, id, schema.parse(inputs), former),
  };
}

/** What is known is held against the types; what is not yet known is only looked at by its name. */
function invalid(shape: z.ZodRawShape, inputs: Plain): Failure[] {
  const open = new Set(Object.keys(inputs).filter((key) => key in shape && hasUnknown(inputs[key])));
  const known = (entries: object) => Object.fromEntries(Object.entries(entries).filter(([key]) => !open.has(key)));
  const result = z.strictObject(known(shape)).safeParse(known(inputs));
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return [{ property: issue.path.join("."), reason: issue.message }];
    return issue.keys.map((key) => ({ property: [...issue.path, key].join("."), reason: "there is no such property" }));
  });
}
