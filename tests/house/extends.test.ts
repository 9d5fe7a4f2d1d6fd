/** A stack over the one that it extends. */
import { extendedSections } from "../../house/extends";

const FILES: Readonly<Record<string, string>> = {
  "Pulumi.prod.yaml": [
    "config:",
    "  pulumi-nodejs:hypervisor: { node: pve, address: 106, password: { secure: AAAB } }",
    "  infinity-node:domain: example.org",
  ].join("\n"),
  "Pulumi.staging.yaml": "config:\n  infinity-node:extends: prod\n  infinity-node:domain: staging.example.org\n",
  "Pulumi.ring.yaml": "config:\n  infinity-node:extends: back\n",
  "Pulumi.back.yaml": "config:\n  infinity-node:extends: ring\n",
  "Pulumi.broken.yaml": "config: {\n",
};
const read = (file: string): string | undefined => FILES[file];
const hypervisor = { endpoint: "https://127.0.0.1:18006" };

describe("a stack that extends another", () => {
  test("has the other's sections under its own, without its secrets", () => {
    expect(extendedSections({ extends: "prod", hypervisor }, read)).toEqual({
      sections: { extends: "prod", domain: "example.org", hypervisor: { node: "pve", address: 106, ...hypervisor } },
      problems: [],
    });
  });

  test("has those of the other's other too, the nearest winning", () => {
    const { sections, problems } = extendedSections({ extends: "staging", hypervisor }, read);
    expect(problems).toEqual([]);
    expect(sections).toMatchObject({ extends: "staging", domain: "staging.example.org", hypervisor: { node: "pve" } });
  });

  test.each([{}, { hypervisor: { user: "root@pam" } }, { hypervisor: "pve" }])(
    "has to say its own endpoint: %j doesn't",
    (own) => {
      const { problems } = extendedSections({ extends: "prod", ...own }, read);
      expect(problems.map(({ path }) => path)).toEqual(["hypervisor.endpoint"]);
    },
  );

  test("has to name one that is there", () => {
    expect(extendedSections({ extends: "pord", hypervisor }, read).problems).toEqual([
      {
        path: "extends",
        value: "pord",
        rule: "there is no Pulumi.pord.yaml",
        fix: "name a stack whose file stands beside this one",
      },
    ]);
  });

  test("must not end in a circle", () => {
    const { problems } = extendedSections({ extends: "ring", hypervisor }, read);
    expect(problems.map(({ rule }) => rule)).toEqual([
      "goes round in a circle: Pulumi.ring.yaml, Pulumi.back.yaml, Pulumi.ring.yaml",
    ]);
  });

  test("is told of a broken file by its name", () => {
    const { problems } = extendedSections({ extends: "broken", hypervisor }, read);
    expect(problems.map(({ path }) => path)).toContainEqual(expect.stringMatching(/^Pulumi\.broken\.yaml:\d+$/));
  });
});

test("a stack that extends none is what it is", () => {
  expect(extendedSections({ domain: "example.org" }, read)).toEqual({
    sections: { domain: "example.org" },
    problems: [],
  });
});
