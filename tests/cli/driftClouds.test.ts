/** What a stack recorded, what the lab's clouds have, and what a house wants, in one look. */
import { lookAtClouds, type CloudResource, type LookedClouds } from "../../cli/drift/lookAtClouds";
import { recordedResources } from "../../cli/drift/recorded";
import type { Part } from "../../cli/drift/report";
import { houseFrom } from "../../cli/readStack";
import { cloudParts } from "../../components/cloudParts";
import type { House } from "../../house/schema";
import { startClouds, type LabClouds } from "../../lab/clouds/server";
import { LAB_CLOUDS } from "../../lab/clouds/world";
import { firewallFromApi, firewallWords } from "../../providers/clouds/firewallWords";
import { CLOUD_TYPES, type CloudKind } from "../../providers/clouds/kinds";
import { cloudsLook } from "../../providers/clouds/look";

const { zone, domain, sshKey, digitaloceanToken, cloudflareToken } = LAB_CLOUDS;
const RECORDS = `/client/v4/zones/${zone}/dns_records`;

function house(droplet = "", more = ""): House {
  const text = `
  config:
    pulumi-nodejs:hypervisor: { node: infinity-node, endpoint: "https://127.0.0.1:8006" }
    infinity-node:domain: ${domain}
    infinity-node:vms:
      media: { vmid: 100, services: [emby, newt] }
    infinity-node:tunnel:
      server: 198.51.100.1
      endpoint: pangolin
      zone: ${zone}
      exposed: { films: emby${more} }
      droplet: { size: s-1vcpu-1gb, region: nyc1, image: debian-12-x64, sshKeys: [${sshKey}], userData: "#cloud-config",
        reservedIp: true${droplet} }
`;
  return houseFrom(text, "Pulumi.test.yaml", () => undefined).house;
}

let clouds: LabClouds;
let recorded: readonly CloudResource[];

async function ask(method: string, path: string, body?: object): Promise<Record<string, Record<string, unknown>>> {
  const token = path.startsWith("/v2") ? digitaloceanToken : cloudflareToken;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${clouds.apiEndpoint}${path}`, { method, headers, body: body && JSON.stringify(body) });
  return (answer.status === 204 ? {} : await answer.json()) as Record<string, Record<string, unknown>>;
}

const config = () => ({
  "digitalocean:token": digitaloceanToken,
  "digitalocean:apiEndpoint": `${clouds.apiEndpoint}/`,
  "cloudflare:apiToken": cloudflareToken,
  "cloudflare:baseUrl": clouds.baseUrl,
});

const resource = (kind: CloudKind, name: string, id: string, inputs: object, outputs: object = {}): CloudResource => ({
  ...{ kind, name, id, project: "p", inputs: { ...inputs }, outputs: { ...outputs }, secrets: [] },
});

/** Makes what the house says as its program does, and gives back what the stack recorded. */
async function made(wanted: House): Promise<CloudResource[]> {
  const droplet = (
    await ask("POST", "/v2/droplets", { name: `pangolin.${domain}`, region: "nyc1", size: "s-1vcpu-1gb", image: 1 })
  ).droplet;
  const dropletId = Number(droplet?.id);
  const address = String((await ask("POST", "/v2/reserved_ips", { region: "nyc1" })).reserved_ip?.ip);
  await ask("POST", `/v2/reserved_ips/${address}/actions`, { type: "assign", droplet_id: dropletId });
  const everywhere = { addresses: ["::/0", "0.0.0.0/0"] };
  const rule = (protocol: string, ports: string) => ({ protocol, ports, sources: everywhere });
  const out = (protocol: string, ports: string) => ({ protocol, ports, destinations: everywhere });
  const firewall = await ask("POST", "/v2/firewalls", {
    ...{ name: "pangolin", droplet_ids: [dropletId] },
    inbound_rules: [
      ...[rule("udp", "21820"), rule("udp", "51820"), rule("udp", "443")],
      ...[rule("tcp", "443"), rule("tcp", "80"), rule("tcp", "22")],
    ],
    outbound_rules: [out("icmp", "0"), out("tcp", "all"), out("udp", "1-65535")],
  });
  const ids: Partial<Record<CloudKind, string>> = {
    ...{ Droplet: String(dropletId), Firewall: String(firewall.firewall?.id), ReservedIp: address },
  };
  const parts = cloudParts(wanted, { dropletId, reservedAddress: address });
  return Promise.all(
    parts.map(async ({ kind, name, inputs }) => {
      const { zoneId, ...body } = inputs;
      const id = ids[kind] ?? String((await ask("POST", RECORDS, body)).result?.id);
      return resource(kind, name, id, inputs);
    }),
  );
}

interface Looked {
  readonly parts: readonly Part[];
  readonly fresh: readonly Part[];
  readonly of: (title: string) => Part | undefined;
}

async function look(wanted: House, more: Partial<LookedClouds> = {}): Promise<Looked> {
  clouds.calls.length = 0;
  const asked = { house: wanted, look: cloudsLook(config(), {}), resources: recorded, ...more };
  const { recorded: parts, fresh } = await lookAtClouds(asked);
  expect(clouds.calls.filter(({ method }) => method !== "GET")).toEqual([]);
  return { parts, fresh, of: (title) => parts.find((part) => part.title === title) };
}

const recordId = (name: string): string => recorded.find((one) => one.name === name)?.id ?? "";

beforeEach(async () => {
  clouds = await startClouds();
  recorded = await made(house());
});
afterEach(() => clouds.close());

test("what is as recorded and as the house says is clean; the zone is listed once", async () => {
  const { parts, fresh } = await look(house());
  expect(parts.map(({ title, state }) => `${title}: ${state}`)).toEqual([
    ...["droplet pangolin: clean", "firewall pangolin: clean", "reserved address of pangolin: clean"],
    ...[`name ${domain}: clean`, `name pangolin.${domain}: clean`, `name films.${domain}: clean`],
  ]);
  expect(fresh).toEqual([]);
  expect(clouds.calls).toHaveLength(4);
});

test("each edit is told by what was, is and shall be", async () => {
  const { droplets, firewalls, reservedIps } = clouds.world.digitalocean;
  for (const droplet of Object.values(droplets)) Object.assign(droplet, { name: "renamed", off: true, activeAt: 0 });
  for (const firewall of Object.values(firewalls))
    firewall.inbound = firewall.inbound.filter(({ ports }) => ports !== "22");
  for (const reserved of Object.values(reservedIps)) delete reserved.dropletId;
  await ask("PATCH", `${RECORDS}/${recordId(`films.${domain}`)}`, { content: "192.0.2.66", proxied: true });
  await ask("DELETE", `${RECORDS}/${recordId(domain)}`);
  const { of, parts } = await look(house());
  expect(of("droplet pangolin")?.findings).toMatchObject([
    { kind: "edit", property: "name", recorded: `pangolin.${domain}`, live: "renamed", next: "puts it back" },
    { property: "power", live: "off", wanted: "on", next: "leaves it - turn it on at DigitalOcean" },
  ]);
  expect(of("firewall pangolin")?.findings).toEqual([
    {
      ...{ kind: "edit", property: "inboundRules.tcp 22", recorded: "0.0.0.0/0, ::/0" },
      ...{ live: undefined, wanted: "0.0.0.0/0, ::/0", next: "puts it back" },
    },
  ]);
  expect(of("reserved address of pangolin")?.findings).toMatchObject([{ kind: "edit", property: "dropletId" }]);
  expect(of(`name films.${domain}`)?.findings).toMatchObject([
    { property: "content", live: "192.0.2.66" },
    { property: "proxied", recorded: false, live: true, wanted: false },
  ]);
  expect(of(`name ${domain}`)).toMatchObject({
    state: "drift",
    notes: [expect.stringContaining("not there any more")],
  });
  expect(of(`name pangolin.${domain}`)).toMatchObject({ state: "clean" });
  expect(parts.filter(({ state }) => state === "drift")).toHaveLength(5);
});

test("another A record of a name of the house is told; other names and types are nobody's business here", async () => {
  await ask("POST", RECORDS, { name: `films.${domain}`, type: "A", content: "192.0.2.9" });
  await ask("POST", RECORDS, { name: `films.${domain}`, type: "TXT", content: "x" });
  await ask("POST", RECORDS, { name: `mine.${domain}`, type: "A", content: "192.0.2.9" });
  const { parts } = await look(house());
  const [drifted, ...rest] = parts.filter(({ state }) => state === "drift");
  expect(rest).toEqual([]);
  expect(drifted).toMatchObject({
    title: `name films.${domain}`,
    findings: [{ kind: "unnamed", property: "another A record", live: "192.0.2.9" }],
  });
});

test("a changed house is told as such, and what is never changed on a droplet is not, unless it is rebuilt", async () => {
  const other = ", image: debian-13-x64";
  const changed = house(other.replace("image", "name").replace("debian-13-x64", "tunnel"), ", music: emby");
  const { of, fresh } = await look(changed);
  expect(of("droplet pangolin")?.findings).toMatchObject([{ kind: "change", property: "name", wanted: "tunnel" }]);
  expect(fresh).toMatchObject([{ title: `name music.${domain}`, state: "new" }]);
  const text = (rebuild: boolean) =>
    ({
      ...house(),
      tunnel: {
        ...house().tunnel,
        droplet: { ...house().tunnel?.droplet, image: "debian-13-x64", userData: "hunter2", rebuild },
      },
    }) as House;
  expect((await look(text(false))).of("droplet pangolin")).toMatchObject({ state: "clean" });
  const rebuilt = (await look(text(true))).of("droplet pangolin");
  expect(rebuilt?.findings).toMatchObject([
    { kind: "change", property: "image", recorded: "debian-12-x64", wanted: "debian-13-x64" },
    { kind: "change", property: "userData", recorded: "[secret]", wanted: "[secret]" },
  ]);
  expect(JSON.stringify(rebuilt)).not.toContain("hunter2");
});

test("what left the house is told with what becomes of it", async () => {
  const empty = { ...house(), tunnel: undefined } as House;
  const { parts } = await look(empty);
  expect(parts.map(({ title, notes }) => `${title}: ${notes.join()}`)).toEqual([
    ...["droplet pangolin", "firewall pangolin", "reserved address of pangolin"].map(
      (title) => `${title}: it left the house: the next up forgets it, and leaves it as it is`,
    ),
    ...[domain, `pangolin.${domain}`, `films.${domain}`].map(
      (name) => `name ${name}: it left the house: the next up deletes it`,
    ),
  ]);
});

test("what can't be asked is not clean and not gone, and no token is told", async () => {
  const places = config();
  const wrong = await look(house(), {
    look: cloudsLook({ ...places, "digitalocean:token": "not-to-be-shown", "cloudflare:apiToken": "" }, {}),
  });
  expect(wrong.parts.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => "unchecked"));
  const said = JSON.stringify(wrong.parts);
  expect(said).toMatch(/401 Unable to authenticate you/);
  expect(said).toMatch(/no credential: neither cloudflare:apiToken nor CLOUDFLARE_API_TOKEN is set/);
  expect(said).not.toContain("not-to-be-shown");
  const away = { ...places, "digitalocean:apiEndpoint": "http://127.0.0.1:9" };
  const half = await look(house(), { look: cloudsLook(away, {}) });
  expect(half.of("droplet pangolin")).toMatchObject({
    state: "unchecked",
    notes: [expect.stringContaining("127.0.0.1:9")],
  });
  expect(half.of(`name ${domain}`)).toMatchObject({ state: "clean" });
});

test("what the engine recorded is read without the providers' own notes", () => {
  const given = { ...{ name: "pangolin", __defaults: ["tags"] }, inboundRules: [{ __defaults: [], protocol: "tcp" }] };
  const state = {
    ...{ urn: "urn:pulumi:s::p::x$digitalocean:index/firewall:Firewall::pangolin", type: CLOUD_TYPES.Firewall },
    ...{ custom: true, id: "f", inputs: given, outputs: {} },
  };
  const { resources, others } = recordedResources(JSON.stringify({ deployment: { resources: [state] } }));
  expect(others).toBe(0);
  expect(resources).toMatchObject([{ kind: "Firewall", name: "pangolin", id: "f" }]);
  expect(resources[0]?.inputs).toEqual({ name: "pangolin", inboundRules: [{ protocol: "tcp" }] });
});

test("rules of a firewall mean the same in the SDK's words and in the API's", () => {
  const api = {
    ...{ name: "a", droplet_ids: [2, 1] },
    inbound_rules: [
      { protocol: "tcp", ports: "22", sources: { addresses: ["10.0.0.0/8"], tags: ["home"] } },
      { protocol: "tcp", ports: "0", sources: { droplet_ids: [7] } },
    ],
    outbound_rules: null,
  };
  const sdk = {
    ...{ name: "a", dropletIds: [1, 2], outboundRules: [] },
    inboundRules: [
      { protocol: "tcp", portRange: "all", sourceDropletIds: [7] },
      { protocol: "tcp", portRange: "22", sourceTags: ["home"] },
      { protocol: "tcp", portRange: "22", sourceAddresses: ["10.0.0.0/8"] },
    ],
  };
  expect(firewallFromApi({ firewall: api })).toEqual(firewallWords(sdk));
  expect(firewallWords(sdk)).toMatchObject({ inboundRules: { "tcp 22": "10.0.0.0/8, tags home" } });
});
