/** What is wrong with a house is said without its secrets, wherever somebody pasted them. */
import fc from "fast-check";
import { parseHouse } from "../../house/house";
import type { Sections } from "../../house/load";
import { merge } from "../../house/merge";
import { formatProblem } from "../../values/problem";
import { house, problems, small, SMALL } from "./support";

const TOKEN = "infinity@pve!ci=6f1d8c2e-1f6b-4a57-9d5e-0c7f6e2b9a11";

const said = (sections: Sections): string => problems(sections).map(formatProblem).join("\n");

describe("a secret is in no problem", () => {
  test.each<[string, Sections]>([
    ["in a misspelt key", { hypervisor: { apiTokn: TOKEN } }],
    ["as the whole section", { hypervisor: TOKEN }],
    ["as the user", { hypervisor: { user: TOKEN } }],
    ["as a part of the endpoint", { hypervisor: { endpoint: `https://root:${TOKEN}@10.0.0.2:8006` } }],
    ["as the node", { hypervisor: { node: TOKEN } }],
    ["where a map is wanted", { hypervisor: { tls: TOKEN } }],
    ["in a list where a text is wanted", { hypervisor: { apiToken: [TOKEN] } }],
    ["beside the password", { hypervisor: { apiToken: TOKEN, user: "root@pam", password: TOKEN } }],
    ["in another section too", { hypervisor: { apiToken: TOKEN }, vms: { web: { hostname: TOKEN, state: TOKEN } } }],
    ["among the SSH keys", { vms: { web: { cloudInit: { storage: "local-lvm", sshKeys: [TOKEN] } } } }],
    ["in a section that there is none of", { secrets: TOKEN }],
  ])("%s", (_, change) => {
    const text = said(small(change));
    expect(text).not.toBe("");
    expect(text).not.toContain(TOKEN);
    expect(text).not.toContain("6f1d8c2e");
  });

  test("nor in the house", () => {
    const { hypervisor } = house(small({ hypervisor: { apiToken: TOKEN } }));
    expect(hypervisor.apiToken).toBe(true);
    expect(JSON.stringify(hypervisor)).not.toContain("6f1d8c2e");
  });
});

/** Anything that YAML can say. */
const anything = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>;
const SECTIONS = ["network", "hypervisor", "storages", "nas", "vms", "domain", "tunnel", "extends", "x"];

describe("whatever somebody writes", () => {
  test("a house or its problems come of it, and each problem says path, rule and fix", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...SECTIONS), anything), (sections) => {
        const parsed = parseHouse({ sections });
        if ("house" in parsed) return;
        expect(parsed.problems.length).toBeGreaterThan(0);
        for (const { path, rule, fix } of parsed.problems) {
          expect([path, rule, fix].every((text) => text.length > 0)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("a sound house with something odd in one place is a house with problems there, or still a house", () => {
    const place = fc.constantFrom<(odd: unknown) => Sections>(
      (odd) => ({ vms: { web: { cpu: odd } } }),
      (odd) => ({ vms: { web: { disks: odd } } }),
      (odd) => ({ vms: { web: { disks: { scsi0: odd } } } }),
      (odd) => ({ vms: { web: { nics: { net0: odd } } } }),
      (odd) => ({ vms: { web: { services: odd } } }),
      (odd) => ({ vms: { db: odd } }),
      (odd) => ({ hypervisor: { tls: odd } }),
      (odd) => ({ storages: odd }),
    );
    fc.assert(
      fc.property(place, anything, (put, odd) => {
        const change = put(odd);
        const root = Object.keys(change)[0] ?? "";
        const paths = problems(merge(SMALL, change)).map(({ path }) => path);
        // A storage section that doesn't have the disk's storage shows at the disk.
        expect(paths.filter((path) => !path.startsWith(root) && !path.startsWith("vms"))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

test("problems found on the way are said together with the house's own", () => {
  const earlier = { path: "extends", rule: "there is no Pulumi.x.yaml", fix: "name another" };
  const parsed = parseHouse({ sections: small({ domain: "Example" }), problems: [earlier] });
  expect("problems" in parsed && parsed.problems.map(({ path }) => path)).toEqual(["extends", "domain"]);
  expect(parseHouse({ sections: SMALL, problems: [earlier] })).toEqual({ problems: [earlier] });
});
