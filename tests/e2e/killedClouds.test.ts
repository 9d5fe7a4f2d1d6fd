/** A run that is killed once a cloud has made something and before it said so: the next one takes it up. */
import { startClouds, type LabClouds } from "../../lab/clouds/server";
import { LAB_CLOUDS } from "../../lab/clouds/world";
import { infinityPulumi, killUp, orphansEnded } from "./killing";
import { openWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const { zone, domain, sshKey } = LAB_CLOUDS;

let clouds: LabClouds;
let world: World;

beforeAll(async () => {
  clouds = await startClouds();
  world = await openWorld("killedclouds", house({ films: "emby" }));
});
afterAll(async () => {
  await world.close();
  await clouds.close();
});

const house = (exposed: object): Sections => ({
  vms: { media: { vmid: 100, services: ["emby", "newt"] } },
  nas: { address: "192.0.2.9", export: "/volume1/house" },
  domain,
  tunnel: {
    ...{ server: "198.51.100.1", endpoint: "pangolin", zone, exposed },
    droplet: { size: "s-1vcpu-1gb", region: "nyc1", image: "debian-12-x64", sshKeys: [sshKey] },
  },
  "digitalocean:token": LAB_CLOUDS.digitaloceanToken,
  "digitalocean:apiEndpoint": clouds.apiEndpoint,
  "cloudflare:apiToken": LAB_CLOUDS.cloudflareToken,
  "cloudflare:baseUrl": clouds.baseUrl,
});

/** Kills an `up` once the cloud has acted on that call. */
const killedAt = (path: RegExp): Promise<string> => {
  const server = { faults: clouds.faults, calls: { list: clouds.calls } };
  return killUp(world, { nth: 1, when: "after", who: "everybody" }, server, { method: "POST", path });
};

test("a droplet is taken up by the next up, which makes the rest", async () => {
  // A droplet of the same name that was there before is not taken for it.
  const old = { name: `pangolin.${domain}`, region: "nyc1", size: "s-1vcpu-1gb", image: "debian-12-x64" };
  await fetch(`${clouds.apiEndpoint}/v2/droplets`, {
    method: "POST",
    headers: { authorization: `Bearer ${LAB_CLOUDS.digitaloceanToken}` },
    body: JSON.stringify(old),
  });
  const { digitalocean, cloudflare } = clouds.world;
  const [before] = Object.values(digitalocean.droplets);
  Object.assign(before ?? {}, { createdAt: "2026-01-01T00:00:00Z" });

  expect(await killedAt(/^\/v2\/droplets$/)).toBe("POST /v2/droplets");
  const made = Object.values(digitalocean.droplets).find(({ id }) => id !== before?.id);
  expect(made).toBeDefined();
  clouds.calls.length = 0;

  const { code, output } = await infinityPulumi(world, ["up", "--yes", "--skip-preview"]);
  expect({ code, output }).toMatchObject({
    code: 0,
    output: expect.stringContaining(`taken up: Droplet pangolin (creating): ${made?.id}`) as string,
  });
  expect(output).not.toMatch(/warning|pending operations/);
  expect(clouds.calls.filter(({ method }) => method !== "GET").map(({ path }) => path)).not.toContain("/v2/droplets");
  expect(Object.keys(digitalocean.droplets)).toHaveLength(2);
  expect(Object.values(digitalocean.firewalls)).toMatchObject([{ dropletIds: [made?.id] }]);
  const addresses = Object.values(cloudflare.zones[zone]?.records ?? {}).map(({ content }) => content);
  expect(addresses).toEqual([made?.ipv4, made?.ipv4, made?.ipv4]);
  expect(await orphansEnded(world)).toEqual([]);
});

test("so is a name, and nothing is left to change", async () => {
  world.describe(house({ films: "emby", live: "emby" }));
  await killedAt(/dns_records$/);
  const records = Object.values(clouds.world.cloudflare.zones[zone]?.records ?? {});
  const made = records.find(({ name }) => name === `live.${domain}`)?.id ?? "";
  const { code, output } = await infinityPulumi(world, ["up", "--yes", "--skip-preview"]);
  expect({ code, output }).toMatchObject({
    code: 0,
    output: expect.stringContaining(`taken up: DnsRecord live.${domain} (creating): ${zone}/${made}`) as string,
  });
  const ids = Object.values(world.resources()).map((resource) => (resource as { id?: string }).id);
  expect(ids).toContain(made);
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
  expect(await orphansEnded(world)).toEqual([]);
});

test("the lab's stack takes up what was made when it is opened, and refuses while a cloud can't be asked", async () => {
  world.describe(house({ films: "emby", live: "emby", shows: "emby" }));
  await killedAt(/dns_records$/);
  clouds.faults.add({ kind: "status", status: 503, match: { method: "GET", path: "/client/v4" } });
  await expect(world.reopen()).rejects.toThrow(/not looked for: .*503[^]*npx infinity lab pulumi refresh/);
  await world.reopen();
  const records = Object.values(clouds.world.cloudflare.zones[zone]?.records ?? {});
  const made = records.find(({ name }) => name === `shows.${domain}`);
  expect(made).toBeDefined();
  const { outputs } = Object.values(world.resources()).find((one) => (one as { id?: string }).id === made?.id) as {
    outputs: object;
  };
  expect(outputs).toMatchObject({ content: made?.content, name: `shows.${domain}` });
});
