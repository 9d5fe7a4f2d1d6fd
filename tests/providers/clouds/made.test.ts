/** What became of a creation, on the lab's clouds: made, not there, or not to be told. Nothing is written while looking. */
import { pendingClouds } from "../../../cli/pendingClouds";
import type { Known } from "../../../engine/recover/creations";
import { startClouds, type LabClouds } from "../../../lab/clouds/server";
import { LAB_CLOUDS } from "../../../lab/clouds/world";
import { CLOUD_TYPES, type CloudKind } from "../../../providers/clouds/kinds";

const { zone, domain, digitaloceanToken, cloudflareToken } = LAB_CLOUDS;
const name = `pangolin.${domain}`;
const droplet = { name, region: "nyc1", size: "s-1vcpu-1gb", image: "debian-12-x64" };
const rule = { protocol: "tcp", ports: "22", sources: { addresses: ["0.0.0.0/0"] } };
const firewall = { name: "pangolin", inbound_rules: [rule] };
const record = { name, type: "A", content: "203.0.113.9", ttl: 1 };
const RECORDS = `/client/v4/zones/${zone}/dns_records`;

let clouds: LabClouds;
beforeEach(async () => {
  clouds = await startClouds();
});
afterEach(() => clouds.close());

async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const token = path.startsWith("/v2") ? digitaloceanToken : cloudflareToken;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${clouds.apiEndpoint}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const { droplet, firewall, reserved_ip, result } = (await answer.json()) as Record<string, Record<string, unknown>>;
  return droplet ?? firewall ?? reserved_ip ?? result ?? {};
}

interface More extends Partial<Known> {
  readonly config?: Readonly<Record<string, string>>;
}

/** Asked as `infinity pulumi up` asks, of a run that began now. */
async function became(type: CloudKind | "random", inputs: object, { config, ...more }: More = {}) {
  const values = {
    "digitalocean:token": digitaloceanToken,
    "digitalocean:apiEndpoint": clouds.apiEndpoint,
    "cloudflare:apiToken": cloudflareToken,
    "cloudflare:baseUrl": clouds.baseUrl,
    ...config,
  };
  const stdout = JSON.stringify(Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }])));
  const resolve = pendingClouds(() => Promise.resolve({ code: 0, stdout, stderr: "" }), {});
  clouds.calls.length = 0;
  const resource = {
    urn: "urn:pulumi:home::p::t::n",
    type: type === "random" ? "random:index:Pet" : CLOUD_TYPES[type],
    inputs: { ...inputs },
  };
  const answer = await resolve({ type: "creating", resource }, { taken: new Set(), since: Date.now(), ...more });
  expect(clouds.calls.filter(({ method }) => method !== "GET")).toEqual([]);
  return answer;
}

const recordInputs = { ...record, zoneId: zone };

test("the one that it must be is found; what the stack has already, is elsewhere or is called otherwise is not it", async () => {
  const { id: own } = await post("/v2/droplets", droplet);
  await post("/v2/droplets", { ...droplet, region: "ams3" });
  await post("/v2/droplets", { ...droplet, name: "other" });
  const { id } = await post("/v2/droplets", droplet);
  const taken = new Set([String(own)]);
  expect(await became("Droplet", droplet, { taken })).toEqual({ kind: "made", id: String(id) });

  const { id: wall } = await post("/v2/firewalls", firewall);
  await post("/v2/firewalls", { ...firewall, name: "other" });
  expect(await became("Firewall", { name: "pangolin" })).toEqual({ kind: "made", id: wall });

  const { ip } = await post("/v2/reserved_ips", { region: "nyc1" });
  await post(`/v2/reserved_ips/${String(ip)}/actions`, { type: "assign", droplet_id: id });
  await post("/v2/reserved_ips", { region: "nyc1" });
  expect(await became("ReservedIp", { region: "nyc1", dropletId: id })).toEqual({ kind: "made", id: ip });

  const { id: entry } = await post(RECORDS, record);
  await post(RECORDS, { ...record, content: "203.0.113.10" });
  expect(await became("DnsRecord", recordInputs)).toEqual({ kind: "made", id: `${zone}/${String(entry)}` });
});

test("where nothing is like it, it was not made", async () => {
  await post("/v2/droplets", { ...droplet, name: "other" });
  await post(RECORDS, { ...record, content: "203.0.113.10" });
  const absent = { kind: "absent" };
  expect(await became("Droplet", droplet)).toEqual(absent);
  expect(await became("Firewall", { name: "pangolin" })).toEqual(absent);
  expect(await became("ReservedIp", { region: "nyc1", dropletId: 1 })).toEqual(absent);
  expect(await became("DnsRecord", recordInputs)).toEqual(absent);
});

test("of several, of one that is older than the run, and of a free address nobody can tell: they are named", async () => {
  const first = String((await post("/v2/droplets", droplet)).id);
  const old = Date.now() + 3_600_000;
  expect(await became("Droplet", droplet, { since: old })).toEqual({ kind: "unknown", candidates: [first] });
  expect(await became("Droplet", droplet, { since: undefined })).toEqual({ kind: "unknown", candidates: [first] });
  const second = String((await post("/v2/droplets", droplet)).id);
  expect(await became("Droplet", droplet)).toEqual({ kind: "unknown", candidates: [first, second] });
  const { ip } = await post("/v2/reserved_ips", { region: "nyc1" });
  const asked = { region: "nyc1", dropletId: Number(first) };
  expect(await became("ReservedIp", asked)).toEqual({ kind: "unknown", candidates: [ip] });
});

test("a cloud that can't be asked, a value that is secret, and another provider's resource are unknown, with the reason", async () => {
  const reason = async (asking: ReturnType<typeof became>) => {
    const answer = await asking;
    return answer.kind === "unknown" ? answer.reason : answer.kind;
  };
  expect(await reason(became("Droplet", droplet, { config: { "digitalocean:token": "" } }))).toMatch(/no credential/);
  expect(await reason(became("Droplet", droplet, { config: { "digitalocean:token": "wrong" } }))).toMatch(/401/);
  clouds.faults.add({ kind: "status", status: 503, match: { path: "/client/v4" } });
  expect(await reason(became("DnsRecord", recordInputs))).toMatch(/503/);
  expect(await reason(became("Droplet", { ...droplet, name: { ciphertext: "v1:abc" } }))).toMatch(/name/);
  const locked = pendingClouds(() => Promise.resolve({ code: 255, stdout: "", stderr: "no passphrase" }), {});
  const resource = { urn: "u", type: CLOUD_TYPES.Droplet, inputs: droplet };
  const answer = await locked({ type: "creating", resource }, { taken: new Set(), since: 0 });
  expect(answer).toMatchObject({ reason: expect.stringMatching(/no credential.*no passphrase/) as string });
  expect(await became("random", {})).toEqual({ kind: "unknown", candidates: [] });
});
