/** What the house wants in the clouds, what it leaves open, and what it is refused. */
import { credentialProblems, knownDroplet, wantedNames } from "../../house/tunnel";
import { unknowns } from "../../house/unknowns";
import { formatProblem } from "../../values/problem";
import { house, problems, small, stackSections } from "./support";

const ZONE = "0123456789abcdef0123456789abcdef";
const RECORD = "f".repeat(32);
const DROPLET = { size: "s-1vcpu-1gb", region: "nyc1", image: "debian-12-x64", sshKeys: [512189] };

const withTunnel = (tunnel: object) =>
  small({
    domain: "example.org",
    vms: { web: { services: ["emby", "newt"] }, other: { vmid: 101, services: ["radarr"] } },
    tunnel: { server: "198.51.100.1", endpoint: "pangolin", ...tunnel },
  });

describe("the droplet", () => {
  test("is declared once size, region, image and keys are known, under the tunnel's name", () => {
    const known = knownDroplet(house(withTunnel({ droplet: DROPLET })));
    expect(known).toMatchObject({ ...DROPLET, sshKeys: ["512189"], name: "pangolin.example.org", monitoring: true });
    expect(known).toMatchObject({ rebuild: false, reservedIp: false });
  });

  test.each(["size", "region", "image", "sshKeys"])("is left alone while its %s is not known", (key) => {
    const one = house(withTunnel({ droplet: { ...DROPLET, [key]: undefined } }));
    expect(knownDroplet(one)).toBeUndefined();
    expect(unknowns(one).map(({ path }) => path)).toContain(`tunnel.droplet.${key}`);
  });

  test("of prod is left alone, and the lab's is declared", () => {
    expect(knownDroplet(house(stackSections("prod")))).toBeUndefined();
    expect(knownDroplet(house(stackSections("lab")))).toBeDefined();
  });
});

test("names are the domain, the tunnel's and one for each exposed service", () => {
  expect(wantedNames(house(withTunnel({ exposed: { films: "emby" } })))).toEqual([
    { label: "@", name: "example.org" },
    { label: "pangolin", name: "pangolin.example.org" },
    { label: "films", name: "films.example.org" },
  ]);
});

describe("credentials", () => {
  const asked = house(withTunnel({ droplet: DROPLET, zone: ZONE }));
  const missing = (keys: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    credentialProblems(asked, new Set(keys), env).map(({ path }) => path);

  test("are asked for what is described, and for nothing else", () => {
    expect(missing([])).toEqual(["tunnel.droplet", "tunnel.zone"]);
    expect(credentialProblems(house(stackSections("prod")), new Set(), {})).toEqual([]);
  });

  test("count wherever the providers find them", () => {
    expect(missing(["digitalocean:token", "cloudflare:apiToken"])).toEqual([]);
    expect(missing(["digitalocean:token"], { CLOUDFLARE_API_TOKEN: "t" })).toEqual([]);
    expect(missing(["digitalocean:token"], { CLOUDFLARE_API_TOKEN: "" })).toEqual(["tunnel.zone"]);
  });
});

test.each<[string, object, string]>([
  [
    "a service that no VM has",
    { exposed: { films: "embi" } },
    "tunnel.exposed.films: embi: is no service of any VM - correct it, or add it to a VM's services",
  ],
  [
    "a service beside which no tunnel client runs",
    { exposed: { movies: "radarr" } },
    "tunnel.exposed.movies: radarr: can't be reached: its VM has no newt, the tunnel's client - add newt to vms.other.services, or don't expose it",
  ],
  [
    "a service under the tunnel's own name",
    { exposed: { pangolin: "emby" } },
    "tunnel.exposed.pangolin: emby: is the name of the tunnel itself - give the service another name",
  ],
  [
    "a record to take over that is no name of the house",
    { import: { names: { films: RECORD } } },
    "tunnel.import.names.films: is no name that the house wants - add it to tunnel.exposed, or take it out",
  ],
  [
    "a droplet that is to be rebuilt and taken over",
    { droplet: { ...DROPLET, rebuild: true }, import: { droplet: 366294321 } },
    "tunnel.import.droplet: 366294321: is the droplet before the rebuild: taking it over would undo it - take it out before rebuilding; the state knows it by now",
  ],
  ["a zone by its name", { zone: "example.org" }, "tunnel.zone: example.org: is no zone of Cloudflare - 32 hex digits"],
])("refused: %s", (_, tunnel, said) => {
  expect(problems(withTunnel(tunnel)).map(formatProblem)).toEqual([said]);
});

test("a name of the house may be taken over, the domain itself too", () => {
  const names = { "@": RECORD, pangolin: RECORD };
  expect(problems(withTunnel({ import: { names } }))).toEqual([]);
});
