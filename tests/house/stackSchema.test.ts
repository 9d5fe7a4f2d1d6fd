/** The JSON Schema of the stack files: current, and of the same mind as the house. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { stackSchema, stackSchemaText } from "../../house/stackSchema";
import { projectRoot } from "../support/shared";
import { stackText } from "./support";

const definitions = stackSchema().definitions as Record<"complete" | "extending", z.core.JSONSchema.JSONSchema>;
const complete = z.fromJSONSchema(definitions.complete);
const extending = z.fromJSONSchema(definitions.extending);

const config = (stack: string): Record<string, unknown> =>
  (parse(stackText(stack)) as { config: Record<string, unknown> }).config;

describe("the JSON Schema", () => {
  test("that is committed is current: run `npm run schema` after a change of the house's schemas", () => {
    expect(readFileSync(join(projectRoot, "schemas/stack.schema.json"), "utf8")).toBe(stackSchemaText());
  });

  test.each(["prod", "lab"])("is named in Pulumi.%s.yaml, for editors", (stack) => {
    expect(stackText(stack).split("\n")[0]).toBe("# yaml-language-server: $schema=schemas/stack.schema.json");
  });

  test("takes prod as a whole house, and lab as what extends one", () => {
    expect(complete.safeParse(config("prod")).error).toBeUndefined();
    expect(extending.safeParse(config("lab")).error).toBeUndefined();
  });

  test("takes no part of a house for a whole one", () => {
    expect(complete.safeParse(config("lab")).success).toBe(false);
  });

  test.each<[string, Record<string, unknown>]>([
    ["a section that there is none of", { "infinity-node:nass": {} }],
    ["a section in the wrong namespace", { "infinity-node:network": { cidr: "10.0.0.0/24" } }],
    ["a misspelt key", { "infinity-node:nas": { address: 43, export: "/v", capacty: "1TB" } }],
    ["a size without a unit", { "infinity-node:nas": { address: 43, export: "/v", capacity: "57" } }],
    ["a storage of a kind that there is none of", { "infinity-node:storages": { NAS: { type: "smb" } } }],
  ])("refuses %s, in both kinds of file", (_, change) => {
    expect(complete.safeParse({ ...config("prod"), ...change }).success).toBe(false);
    expect(extending.safeParse({ ...config("lab"), ...change }).success).toBe(false);
  });

  test("takes encrypted secrets, and other providers' configuration", () => {
    const hypervisor = { node: "pve", address: 2, apiToken: { secure: "AAAB" } };
    const whole = {
      ...config("prod"),
      "pulumi-nodejs:hypervisor": hypervisor,
      "cloudflare:apiToken": { secure: "AAAB" },
    };
    expect(complete.safeParse(whole).error).toBeUndefined();
  });
});
