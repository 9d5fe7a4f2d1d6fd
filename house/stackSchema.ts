/**
 * JSON Schema of a whole stack file, made from the house's schemas: editors complete and check `Pulumi.*.yaml` by it
 * while one types. Rules that hold values against one another are beyond it; `pulumi preview` has those. Pure.
 */
import { z } from "zod";
import { configKey } from "./load";
import { houseSchema } from "./schema";

type Json = Readonly<Record<string, unknown>>;

/** What Pulumi itself puts beside `config`. */
const ENGINE_KEYS = ["encryptionsalt", "secretsprovider", "encryptedkey"] as const;

function mapDeep(value: unknown, change: (node: Json) => Json): unknown {
  if (Array.isArray(value)) return value.map((item) => mapDeep(item, change));
  if (typeof value !== "object" || value === null) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapDeep(item, change)])));
}

/**
 * A stack that extends another leaves out what it doesn't change: nothing is required of it, and so several branches of a
 * union may fit.
 */
const partial = (schema: unknown): unknown =>
  mapDeep(schema, (node) => {
    const { required, oneOf, ...rest } = node;
    return {
      ...rest,
      // A key may be called `required` too: only the schema's own word is a list.
      ...(required === undefined || Array.isArray(required) ? {} : { required }),
      ...(oneOf === undefined ? {} : { anyOf: oneOf }),
    };
  });

/** Sections under the keys that they have in a stack file; other namespaces are other people's. */
function configSchema(): Json {
  const house = z.toJSONSchema(houseSchema, { io: "input", target: "draft-7" });
  return {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(house.properties ?? {}).map(([section, schema]) => [configKey(section), schema]),
    ),
    required: (house.required ?? []).map(configKey),
    patternProperties: { "^(?!infinity-node:|pulumi-nodejs:)": {} },
    additionalProperties: false,
  };
}

export function stackSchema(): Json {
  const complete = configSchema();
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A house of infinity-node: Pulumi.<stack>.yaml",
    type: "object",
    properties: {
      config: {
        if: { required: [configKey("extends")] },
        then: { $ref: "#/definitions/extending" },
        else: { $ref: "#/definitions/complete" },
      },
      ...Object.fromEntries(ENGINE_KEYS.map((key) => [key, { type: "string" }])),
      environment: {},
    },
    additionalProperties: false,
    required: ["config"],
    definitions: { complete, extending: partial(complete) },
  };
}

/** The file's text. */
export const stackSchemaText = (): string => `${JSON.stringify(stackSchema(), undefined, 2)}\n`;
