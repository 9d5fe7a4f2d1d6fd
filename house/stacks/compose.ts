/**
 * What the program reads of a Compose file; Compose's own schema has the rest, and `docker compose config` the last word.
 * Pure.
 */
import { z } from "zod";
import { extensionSchema } from "./extension";
import { volumesSchema } from "./mount";
import { portsSchema } from "./port";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Both of Compose's ways to write a map of texts, as a map; `null` is a value that comes from `.env` as it is. */
const mapping = z
  .union([z.record(z.string(), scalar), z.array(z.string())])
  .default({})
  .transform((given): Record<string, string | null> =>
    Object.fromEntries(
      Array.isArray(given)
        ? given.map((item) => {
            const at = item.indexOf("=");
            return at < 0 ? [item, null] : [item.slice(0, at), item.slice(at + 1)];
          })
        : Object.entries(given).map(([key, value]) => [key, value === null ? null : String(value)]),
    ),
  );

const dependency = z.looseObject({ condition: z.string().optional(), restart: z.boolean().default(false) });

const dependencies = z
  .union([z.array(z.string()), z.record(z.string(), dependency)])
  .default({})
  .transform((given) =>
    Array.isArray(given)
      ? Object.fromEntries(given.map((name) => [name, { condition: "service_started", restart: false }]))
      : given,
  );

/** A name, or a name with where it goes in the container. */
const references = z
  .array(z.union([z.string(), z.looseObject({ source: z.string() })]))
  .default([])
  .transform((given) => given.map((one) => (typeof one === "string" ? one : one.source)));

export const serviceSchema = z.looseObject({
  image: z.string({ error: "has no image - name one, with its version" }),
  restart: z.string().optional(),
  mem_limit: z.union([z.string(), z.number()]).transform(String).optional(),
  network_mode: z.string().optional(),
  networks: z
    .union([z.array(z.string()), z.record(z.string(), z.unknown()).transform((given) => Object.keys(given))])
    .default([]),
  dns: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
  environment: mapping,
  labels: mapping,
  ports: portsSchema,
  volumes: volumesSchema,
  tmpfs: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
  depends_on: dependencies,
  configs: references,
  secrets: references,
  healthcheck: z.looseObject({ test: z.unknown().optional(), disable: z.boolean().default(false) }).optional(),
  logging: z.looseObject({ driver: z.string().optional(), options: mapping }).optional(),
  // What the program doesn't follow, it can't check.
  build: z.undefined({ error: "is built on the VM - publish the image, and name it with its version" }).optional(),
  extends: z.undefined({ error: "is not followed - write the service out" }).optional(),
  env_file: z.undefined({ error: "is not followed - name each variable under environment" }).optional(),
});

const source = z.looseObject({ file: z.string().optional(), environment: z.string().optional() });

const network = z
  .looseObject({ driver: z.string().optional(), external: z.unknown().optional(), driver_opts: mapping })
  .nullable();

const volume = z.looseObject({ name: z.string().optional(), external: z.unknown().optional() }).nullable();

const NO_SERVICES =
  "there are none, and Compose deploys nothing without one - describe the stack's containers, as docs/services.md shows";

const members = {
  name: z.string({ error: "is missing: without it the project is called after the folder it lies in - give it" }),
  "x-infinity": extensionSchema,
  services: z
    .record(z.string(), serviceSchema, { error: ({ input }) => (input == null ? NO_SERVICES : undefined) })
    .refine((services) => Object.keys(services).length > 0, { error: NO_SERVICES }),
  networks: z.record(z.string(), network).default({}),
  volumes: z.record(z.string(), volume).default({}),
  configs: z.record(z.string(), source).default({}),
  secrets: z.record(z.string(), source).default({}),
  include: z.undefined({ error: "is not followed - one stack is one file" }).optional(),
};

export const composeSchema = z.looseObject(members, {
  error: ({ input }) =>
    input == null ? "is empty - describe the stack, as docs/services.md shows" : "is no map - begin it with name: NAME",
});

export type Compose = z.output<typeof composeSchema>;
export type ComposeService = Compose["services"][string];
