/** Sections from Pulumi's configuration and from a stack file: the same house either way. */
import fc from "fast-check";
import { stringify } from "yaml";
import { configKey, sectionsFromConfig, sectionsFromStackFile } from "../../house/load";
import { stackText } from "./support";

const SECTIONS = ["extends", "network", "hypervisor", "storages", "nas", "guests", "vms", "domain", "tunnel"];

/** What stands in a stack file: names, numbers, texts, lists and maps of them. */
const data = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ minLength: 1 }),
    fc.integer(),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,8}$/), tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** As the engine hands it over: structures as JSON, all else as text. */
const asConfig = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

describe("sections", () => {
  test("are the same from the engine's configuration and from the file", () => {
    const plain = data.filter((value) => typeof value !== "string" || !/^\s*[{[]/.test(value));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...SECTIONS), plain), (sections) => {
        const entries = Object.entries(sections).map(([name, value]) => [configKey(name), value] as const);
        const config = Object.fromEntries(entries.map(([key, value]) => [key, asConfig(value)]));
        const file = sectionsFromStackFile(stringify({ config: Object.fromEntries(entries) }), "Pulumi.x.yaml");
        expect(file.problems).toEqual([]);
        expect(sectionsFromConfig(config)).toEqual(file.sections);
      }),
      { numRuns: 50 },
    );
  });

  test("of prod are all of the house's", () => {
    const { sections, problems } = sectionsFromStackFile(stackText("prod"), "Pulumi.prod.yaml");
    expect(problems).toEqual([]);
    expect(Object.keys(sections).sort()).toEqual(SECTIONS.filter((name) => name !== "extends").sort());
  });

  test("are given to provider processes where those must know today's", () => {
    expect(["network", "hypervisor", "vms", "storages"].map(configKey)).toEqual([
      "pulumi-nodejs:network",
      "pulumi-nodejs:hypervisor",
      "infinity-node:vms",
      "infinity-node:storages",
    ]);
  });

  test("keep the namespace that they wrongly stand in, and leave other people's alone", () => {
    expect(
      sectionsFromConfig({ "infinity-node:hypervisor": "{}", "pulumi-nodejs:vms": "{}", "cloudflare:apiToken": "x" }),
    ).toEqual({ "infinity-node:hypervisor": {}, "pulumi-nodejs:vms": {} });
  });

  test("may hold a text that only looks like JSON", () => {
    expect(sectionsFromConfig({ "infinity-node:domain": "{oops" })).toEqual({ domain: "{oops" });
  });

  test("of a file that is no YAML are a problem with its line", () => {
    const text = "config:\n  infinity-node:vms:\n    emby: { vmid: 100 }\n    emby: { vmid: 101 }\n";
    const { sections, problems } = sectionsFromStackFile(text, "Pulumi.x.yaml");
    expect(sections).toEqual({});
    expect(problems).toEqual([
      { path: "Pulumi.x.yaml:4", rule: "is no YAML: Map keys must be unique", fix: "correct the line" },
    ]);
  });

  test.each(["", "config:\n", "secretsprovider: passphrase\n"])("of an empty file (%j) are none", (text) => {
    expect(sectionsFromStackFile(text, "Pulumi.x.yaml")).toEqual({ sections: {}, problems: [] });
  });

  test.each(["config: 3\n", "config: [a]\n", "[]\n", "just text\n"])("of %j are none, or a problem", (text) => {
    expect(sectionsFromStackFile(text, "Pulumi.x.yaml").sections).toEqual({});
  });
});
