/** The lab's clouds as their HTTP clients see them: shapes, refusals, and a world that survives a restart. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startClouds, type LabClouds } from "../../../lab/clouds/server";
import { LAB_CLOUDS } from "../../../lab/clouds/world";

const { zone, domain, sshKey, digitaloceanToken, cloudflareToken } = LAB_CLOUDS;

let dir: string;
let clouds: LabClouds;

const start = () => startClouds({ stateFile: join(dir, "clouds.json") });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "lab-clouds-"));
  clouds = await start();
});
afterEach(async () => {
  await clouds.close();
  rmSync(dir, { recursive: true });
});

async function ask(method: string, path: string, body?: object, as?: string) {
  const isDigitalocean = path.startsWith("/v2");
  const base = isDigitalocean ? clouds.apiEndpoint : clouds.baseUrl;
  const headers = { authorization: `Bearer ${as ?? (isDigitalocean ? digitaloceanToken : cloudflareToken)}` };
  const response = await fetch(`${base}${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, json: text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>) };
}

const droplet = { name: "tunnel", size: "s-1vcpu-1gb", region: "nyc1", image: "debian-12-x64", ssh_keys: [sshKey] };
const record = { name: "@", type: "A", content: "203.0.113.9" };
const RECORDS = `/zones/${zone}/dns_records`;

test("a droplet is new and has no address, then it is active and has one", async () => {
  const made = await ask("POST", "/v2/droplets", { ...droplet, user_data: "#cloud-config" });
  expect(made).toMatchObject({
    status: 202,
    json: { droplet: { status: "new", networks: { v4: [] } }, links: { actions: [{ rel: "create" }] } },
  });
  const { id } = made.json?.droplet as { id: number };
  let shown = await ask("GET", `/v2/droplets/${id}`);
  for (let look = 0; look < 100 && (shown.json?.droplet as { status: string }).status === "new"; look++) {
    await new Promise((wake) => setTimeout(wake, 20));
    shown = await ask("GET", `/v2/droplets/${id}`);
  }
  expect(shown.json?.droplet).toMatchObject({
    status: "active",
    size_slug: "s-1vcpu-1gb",
    size: { slug: "s-1vcpu-1gb", memory: 1024 },
    region: { slug: "nyc1" },
    image: { slug: "debian-12-x64" },
    networks: { v4: [{ type: "public" }] },
  });
  expect(JSON.stringify(shown.json)).not.toMatch(/cloud-config/);
});

test.each<[string, object, RegExp]>([
  ["an image as an object", { image: { slug: "debian-12-x64" } }, /invalid image/],
  ["a region that there is none of", { region: "mars1" }, /invalid region/],
  ["a size that there is none of", { size: "big" }, /invalid size/],
  ["a key of somebody else", { ssh_keys: [1] }, /invalid key identifiers/],
  ["a name that is none", { name: "my_server" }, /valid hostname characters/],
])("a droplet is refused for %s", async (_, change, said) => {
  const { status, json } = await ask("POST", "/v2/droplets", { ...droplet, ...change });
  expect({ status, id: json?.id }).toEqual({ status: 422, id: "unprocessable_entity" });
  expect(json?.message).toMatch(said);
});

test("a droplet is resized when it is off, and never to a smaller disk", async () => {
  const { id } = (await ask("POST", "/v2/droplets", droplet)).json?.droplet as { id: number };
  const act = async (type: string, more: object = {}) =>
    (await ask("POST", `/v2/droplets/${id}/actions`, { type, ...more })).status;
  expect(await act("resize", { size: "s-2vcpu-4gb" })).toBe(422);
  expect(await act("power_off")).toBe(201);
  expect(await act("resize", { size: "s-2vcpu-4gb" })).toBe(201);
  expect(await act("resize", { size: "s-1vcpu-1gb" })).toBe(422);
});

test("a firewall says 0 for all ports, and lets go of a droplet that is deleted", async () => {
  const { id } = (await ask("POST", "/v2/droplets", droplet)).json?.droplet as { id: number };
  const rule = { protocol: "tcp", ports: "all", sources: { addresses: ["::/0"] } };
  const made = await ask("POST", "/v2/firewalls", { name: "f1", droplet_ids: [id], inbound_rules: [rule] });
  expect(made).toMatchObject({
    status: 202,
    json: { firewall: { inbound_rules: [{ ports: "0" }], droplet_ids: [id] } },
  });
  const { id: firewall } = made.json?.firewall as { id: string };
  expect((await ask("DELETE", `/v2/droplets/${id}`)).status).toBe(204);
  expect((await ask("GET", `/v2/firewalls/${firewall}`)).json).toMatchObject({ firewall: { droplet_ids: [] } });
});

test("a record gets the zone's name, and is there once", async () => {
  const made = await ask("POST", RECORDS, record);
  expect(made).toMatchObject({
    status: 200,
    json: {
      success: true,
      errors: [],
      result: { name: domain, ttl: 1, proxied: false, proxiable: true, comment: null },
    },
  });
  expect(await ask("POST", RECORDS, record)).toMatchObject({
    status: 400,
    json: { success: false, result: null, errors: [{ code: 81058 }] },
  });
  const found = await ask("GET", `${RECORDS}?name=${domain}&type=A`);
  expect(found.json).toMatchObject({ result: [{ content: record.content }], result_info: { total_count: 1 } });
  expect((await ask("GET", `/zones?name=${domain}`)).json).toMatchObject({ result: [{ id: zone, name: domain }] });
});

test.each<[string, object, number]>([
  ["a content that is no address", { content: "here" }, 9005],
  ["a TTL of ten seconds", { ttl: 10 }, 9021],
])("a record is refused for %s", async (_, change, code) => {
  expect(await ask("POST", RECORDS, { ...record, ...change })).toMatchObject({
    status: 400,
    json: { errors: [{ code }] },
  });
});

test("without its token each cloud refuses in its own words", async () => {
  expect(await ask("GET", "/v2/droplets", undefined, "wrong")).toMatchObject({
    status: 401,
    json: { id: "Unauthorized" },
  });
  expect(await ask("GET", RECORDS, undefined, "wrong")).toMatchObject({
    status: 403,
    json: { errors: [{ code: 10000 }] },
  });
});

test("what there is not is said to be not there", async () => {
  expect(await ask("GET", "/v2/droplets/1")).toMatchObject({ status: 404, json: { id: "not_found" } });
  expect(await ask("GET", `${RECORDS}/${"0".repeat(32)}`)).toMatchObject({
    status: 404,
    json: { errors: [{ code: 81044 }] },
  });
  expect(await ask("GET", "/zones/0/dns_records")).toMatchObject({ status: 404, json: { errors: [{ code: 7003 }] } });
});

test("the world is the same after a restart", async () => {
  await ask("POST", "/v2/droplets", droplet);
  await ask("POST", "/v2/reserved_ips", { region: "nyc1" });
  await ask("POST", RECORDS, record);
  const before = structuredClone(clouds.world);
  await clouds.close();
  clouds = await start();
  expect(clouds.world).toEqual(before);
  expect((await ask("GET", "/v2/droplets")).json).toMatchObject({ meta: { total: 1 } });
});
