/** The tunnel's server and the names with the real engine and SDKs, on the lab's plugins and clouds. */
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { check } from "../../cli/adopt/check";
import { providerEnv, stackConfig } from "../../cli/adopt/engineConfig";
import { takeOver, type TakeOver } from "../../cli/adopt/takeOver";
import { houseFrom } from "../../cli/readStack";
import { startClouds, type LabClouds } from "../../lab/clouds/server";
import { LAB_CLOUDS } from "../../lab/clouds/world";
import { cloudsLook } from "../../providers/clouds/look";
import { driftNow } from "./driftNow";
import { openWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const EXIT_CHANGES = 7;
const EXIT_FAILED = 1;
const { zone, domain, sshKey } = LAB_CLOUDS;
const API = `/zones/${zone}/dns_records`;

let clouds: LabClouds;
let world: World;
/** A record that somebody made by hand, before the house was described. */
let byHand: string;

const droplet = { size: "s-1vcpu-1gb", region: "nyc1", image: "debian-12-x64", sshKeys: [sshKey] };

/** A house of which only the clouds are known. */
const house = (tunnel?: object): Sections => ({
  vms: { media: { vmid: 100, services: ["emby", "newt"] } },
  nas: { address: "192.0.2.9", export: "/volume1/house" },
  domain,
  ...(tunnel && {
    tunnel: { server: "198.51.100.1", endpoint: "pangolin", zone, exposed: { films: "emby" }, ...tunnel },
  }),
  "digitalocean:token": LAB_CLOUDS.digitaloceanToken,
  "digitalocean:apiEndpoint": clouds.apiEndpoint,
  "cloudflare:apiToken": LAB_CLOUDS.cloudflareToken,
  "cloudflare:baseUrl": clouds.baseUrl,
});

async function cloudflare(method: string, path: string, body?: object): Promise<{ id: string; content: string }> {
  const response = await fetch(`${clouds.baseUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${LAB_CLOUDS.cloudflareToken}` },
    body: body && JSON.stringify(body),
  });
  return ((await response.json()) as { result: { id: string; content: string } }).result;
}

const records = () => Object.values(clouds.world.cloudflare.zones[zone]?.records ?? {});
const addresses = () => Object.fromEntries(records().map(({ name, content }) => [name, content]));
const droplets = () => Object.values(clouds.world.digitalocean.droplets);
const writes = () =>
  clouds.calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
const clean = () => world.pulumi(["preview", "--refresh", "--expect-no-changes"]);

beforeAll(async () => {
  clouds = await startClouds();
  const body = { name: `films.${domain}`, type: "A", content: "203.0.113.10", ttl: 1 };
  byHand = (await cloudflare("POST", API, body)).id;
  world = await openWorld(
    "clouds",
    house({ droplet: { ...droplet, userData: "#cloud-config\n" }, import: { names: { films: byHand } } }),
  );
  clouds.calls.length = 0;
});
afterAll(async () => {
  await world.close();
  await clouds.close();
});

test("up makes droplet, firewall and names, and takes over the name that is there", async () => {
  await world.up();
  expect(droplets()).toMatchObject([
    {
      name: `pangolin.${domain}`,
      region: "nyc1",
      sshKeys: [String(sshKey)],
      userData: "#cloud-config\n",
      features: ["droplet_agent", "monitoring"],
    },
  ]);
  const [firewall] = Object.values(clouds.world.digitalocean.firewalls);
  expect(firewall?.dropletIds).toEqual([droplets()[0]?.id]);
  expect(firewall?.inbound.map(({ protocol, ports }) => `${protocol} ${ports}`)).toEqual([
    ...["tcp 22", "tcp 80", "tcp 443", "udp 443", "udp 51820", "udp 21820"],
  ]);
  const address = droplets()[0]?.ipv4;
  expect(addresses()).toEqual({ [domain]: address, [`pangolin.${domain}`]: address, [`films.${domain}`]: address });
  expect(writes().sort()).toEqual([
    `POST /client/v4${API}`,
    `POST /client/v4${API}`,
    "POST /v2/droplets",
    "POST /v2/firewalls",
  ]);
});

test("a second look finds nothing to do, and the state holds no token in clear", async () => {
  await clean();
  const providers = Object.entries(world.resources()).filter(([urn]) =>
    /providers:(digitalocean|cloudflare)/.test(urn),
  );
  expect(providers).toHaveLength(2);
  for (const [, provider] of providers) {
    const { token, apiToken } = (provider as { inputs: { token?: unknown; apiToken?: unknown } }).inputs;
    expect(token ?? apiToken).toHaveProperty("ciphertext");
  }
});

test("edits behind its back are shown, and put back", async () => {
  await cloudflare("PATCH", `${API}/${byHand}`, { content: "192.0.2.66", proxied: true });
  const gone = records().find(({ name }) => name === domain)?.id ?? "";
  await cloudflare("DELETE", `${API}/${gone}`);
  const [firewall] = Object.values(clouds.world.digitalocean.firewalls);
  if (firewall) firewall.inbound = firewall.inbound.slice(1);
  clouds.calls.length = 0;
  const { code, report } = await driftNow(world);
  expect({ code, writes: writes(), checked: [report.checked, report.total, report.others] }).toEqual({
    ...{ code: EXIT_CHANGES, writes: [], checked: [5, 5, 0] },
  });
  expect(report.parts.filter(({ state }) => state === "drift")).toMatchObject([
    { title: "firewall pangolin", findings: [{ property: "inboundRules.tcp 22" }] },
    { title: `name films.${domain}`, findings: [{ property: "content" }, { property: "proxied" }] },
    { title: `name ${domain}`, notes: [expect.stringContaining("not there any more")] },
  ]);
  const shown = await world.pulumi(["preview", "--refresh", "--diff", "--expect-no-changes"], EXIT_CHANGES);
  expect(shown).toMatch(/content\s*: "192\.0\.2\.66" => "203\.0\.113\.10"/);
  expect(shown).toMatch(/proxied\s*: true => false/);
  expect(shown).toMatch(/inboundRules/);
  await world.pulumi(["up", "--yes", "--skip-preview", "--refresh"]);
  expect(new Set(Object.values(addresses()))).toEqual(new Set(["203.0.113.10"]));
  expect(records()).toHaveLength(3);
  expect(firewall?.inbound).toHaveLength(6);
});

test("what would force a new droplet is left alone; size and a reserved address are changes in place", async () => {
  const [before] = droplets();
  const other = { image: "debian-13-x64", userData: "#cloud-config\nhostname: other\n", monitoring: false };
  world.describe(house({ droplet: { ...droplet, ...other, size: "s-2vcpu-4gb", reservedIp: true } }));
  // Made, and the connection was lost before it was assigned: the next run knows it, and a look at it shows what is missing.
  clouds.faults.add({ kind: "drop-before", match: { method: "POST", path: /^\/v2\/reserved_ips\/.*\/actions$/ } });
  await world.pulumi(["up", "--yes", "--skip-preview"], EXIT_FAILED);
  await world.pulumi(["up", "--yes", "--skip-preview", "--refresh"]);
  expect(Object.keys(clouds.world.digitalocean.reservedIps)).toHaveLength(1);
  expect(droplets()).toEqual([{ ...before, size: "s-2vcpu-4gb", off: false }]);
  const [reserved] = Object.values(clouds.world.digitalocean.reservedIps);
  expect(reserved?.dropletId).toBe(before?.id);
  expect(new Set(Object.values(addresses()))).toEqual(new Set([reserved?.ip]));
  await clean();
});

test("infinity drift sees all of it as it shall be", async () => {
  expect(await driftNow(world)).toMatchObject({ code: 0, report: { checked: 6, total: 6 } });
});

test("rebuild makes a new one beside the old, and the address moves over", async () => {
  const [before] = droplets();
  const wanted = { ...droplet, image: "debian-13-x64", size: "s-2vcpu-4gb", reservedIp: true, rebuild: true };
  world.describe(house({ droplet: wanted }));
  await world.up();
  expect(droplets().map(({ image }) => image)).toEqual(["debian-12-x64", "debian-13-x64"]);
  const made = droplets().find(({ id }) => id !== before?.id);
  const { reservedIps, firewalls } = clouds.world.digitalocean;
  expect(Object.values(reservedIps)).toMatchObject([{ dropletId: made?.id }]);
  expect(Object.values(firewalls)).toMatchObject([{ dropletIds: [made?.id] }]);
});

test("taken out of the house, the server stays with its firewall and address, and the names go", async () => {
  clouds.calls.length = 0;
  world.describe(house());
  await world.up();
  expect(writes().filter((call) => !call.startsWith("DELETE /client/v4/zones"))).toEqual([]);
  expect(records()).toEqual([]);
  expect(droplets()).toHaveLength(2);
});

describe("infinity adopt", () => {
  /** The house as its stack file has it, and looks with the stack's own configuration. */
  async function asked(sections: Sections) {
    world.describe(sections);
    clouds.calls.length = 0;
    const pulumi: TakeOver["pulumi"] = (args) => world.stack.run(args);
    const config = await stackConfig(pulumi);
    const { house: wanted } = houseFrom(
      readFileSync(world.stack.configFile, "utf8"),
      "Pulumi.clouds.yaml",
      () => undefined,
    );
    const said: string[] = [];
    const print = (line: string) => said.push(stripVTControlCharacters(line));
    return { said, print, pulumi, house: wanted, env: providerEnv(config), clouds: cloudsLook(config, {}) };
  }

  const described = { ...droplet, image: "debian-13-x64", size: "s-2vcpu-4gb", reservedIp: true };
  let taken: Readonly<Record<string, unknown>>;
  const names: Record<string, string> = {};

  beforeAll(async () => {
    const { reservedIps, firewalls } = clouds.world.digitalocean;
    const { ip, dropletId } = Object.values(reservedIps)[0] ?? {};
    taken = { droplet: String(dropletId), firewall: Object.keys(firewalls)[0], reservedIp: ip };
    for (const label of ["@", "pangolin", "films"])
      names[label] = (await cloudflare("POST", API, { name: label, type: "A", content: ip, ttl: 1 })).id;
  });

  test("--check says what differs, and what an up would make a second time", async () => {
    const { "@": apex, pangolin } = names;
    const only = { ...described, size: "s-1vcpu-1gb" };
    const ask = await asked(house({ droplet: only, import: { ...taken, names: { "@": apex, pangolin } } }));
    expect(await check(ask)).toBe(EXIT_CHANGES);
    const said = ask.said.join("\n");
    expect(said).toContain('~ droplet pangolin\n    size: is "s-2vcpu-4gb", the house says "s-1vcpu-1gb"');
    expect(said).toContain(`= name ${domain}\n`);
    expect(said).toContain(
      `+ name films.${domain}: there is one already - to take it over write tunnel.import.names.films`,
    );
    expect(said).toContain("6 of 6 checked, nothing was written");
    expect(writes()).toEqual([]);
  });

  test("takes over what exists without a write to any cloud, and the preview after it is clean", async () => {
    const ask = await asked(house({ droplet: described, import: { ...taken, names } }));
    expect(await takeOver({ ...ask, withDifferences: false })).toBe(0);
    expect(ask.said.join("\n")).toContain("6 taken over, 0 in the stack before; nothing was written");
    await clean();
    expect(writes()).toEqual([]);
  });
});
