/**
 * The order of a run, through the real engine on simulated guests: what matters more comes first, and what fails leaves
 * what matters more, and what needs it, as they are.
 */
import type { LabGuest } from "../../lab/guest/guest";
import { newKey } from "../../lab/ssh/keys";
import type { Override } from "../../lab/stack";
import { closedPort, container, vm } from "./inside";
import { infinityPulumi } from "./killing";
import { openGuestWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

/** What matters less stands first on each VM. `radarr` needs `prowlarr`, on another VM, which needs `flaresolverr`. */
const house = (timezone: string): Sections => ({
  network: { cidr: "192.168.86.0/24", gateway: 1 },
  timezone,
  nas: { address: 43, export: "/volume1/house" },
  guests: { user: "evan", docker: { packages: ["docker.io"] } },
  settings: { vaultwarden: { DOMAIN: "https://vault.example.org" } },
  secrets: { vaultwarden: { ADMIN_TOKEN: "staple" }, prowlarr: { PROWLARR__AUTH__APIKEY: "c0ffee" } },
  vms: {
    safe: vm(100, 10, ["watchtower", "flaresolverr", "vaultwarden", "prowlarr"]),
    media: vm(101, 11, ["watchtower", "radarr"], { mount: {} }),
  },
});

let world: World;
let safe: LabGuest;
let media: LabGuest;

beforeAll(async () => {
  world = await openGuestWorld("order", house("Etc/UTC"));
  await world.up();
  ({ safe, media } = world.inside as Record<"safe" | "media", LabGuest>);
});
afterAll(() => world.close());
afterEach(() => {
  for (const { state } of [safe, media])
    for (const image of Object.keys(state.badImages)) Reflect.deleteProperty(state.badImages, image);
});

/** A version of it that doesn't come up. */
const breaks = (guest: LabGuest, service: string): void => {
  guest.state.badImages[container(guest, service).image] = { health: "unhealthy", log: "no\n" };
};

const env = async (guest: LabGuest, stack: string): Promise<string> =>
  (await guest.by(["cat", "--", `/opt/stacks/${stack}/.env`])).stdout;

/** Which stacks were deployed for this time zone, and are up. */
async function deployed(timezone: string): Promise<string[]> {
  const found: string[] = [];
  for (const [name, guest] of Object.entries(world.inside))
    for (const { project, health = "healthy" } of guest.state.containers)
      if (health === "healthy" && (await env(guest, project)).includes(`TZ=${timezone}\n`))
        found.push(`${name}-${project}`);
  return found.sort();
}

const ALL = [
  "media-radarr",
  "media-watchtower",
  "safe-flaresolverr",
  "safe-prowlarr",
  "safe-vaultwarden",
  "safe-watchtower",
];

const up = (options: readonly string[], expected: number): Promise<string> =>
  world.pulumi(["up", "--yes", "--skip-preview", ...options], expected);

test("everything is up, and the graph has only what is needed: no order of a run", async () => {
  expect(await deployed("Etc/UTC")).toEqual(ALL);
  const stacks = Object.entries(world.resources() as Record<string, { readonly dependencies?: readonly string[] }>);
  const named = (urns: readonly string[]): string[] =>
    urns.filter((urn) => urn.includes("compose:ComposeStack")).map((urn) => urn.split("::").at(-1) ?? "");
  const edges = stacks.flatMap(([urn, { dependencies = [] }]) =>
    named([urn]).map((name) => [name, named(dependencies)]),
  );
  expect(Object.fromEntries(edges)).toEqual({
    "media-radarr": ["safe-prowlarr"],
    "media-watchtower": [],
    "safe-flaresolverr": [],
    "safe-prowlarr": [],
    "safe-vaultwarden": [],
    "safe-watchtower": [],
  });
});

test("what matters less and fails ends a plain run, after everything critical was deployed, also what needs it", async () => {
  for (const [guest, service] of [
    [safe, "watchtower"],
    [media, "watchtower"],
    [safe, "flaresolverr"],
  ] as const)
    // prettier-ignore
    breaks(guest, service);
  world.describe(house("Europe/Berlin"));
  // One thing at a time: what comes after the first failure is not begun.
  await up(["--parallel", "1"], 1);
  expect(await deployed("Europe/Berlin")).toEqual(["media-radarr", "safe-prowlarr", "safe-vaultwarden"]);
});

test("what fails and is needed leaves what needs it on its old release, running, and nothing else", async () => {
  await up([], 0);
  expect(await deployed("Europe/Berlin")).toEqual(ALL);
  const before = container(media, "radarr").id;
  breaks(safe, "prowlarr");
  world.describe(house("Europe/London"));
  const said = await up(["--continue-on-error"], 1);
  expect(said).toMatch(/stack prowlarr on safe: release [0-9a-f]{16} did not come up/);
  expect(await deployed("Europe/London")).toEqual(
    ALL.filter((name) => !["media-radarr", "safe-prowlarr"].includes(name)),
  );
  expect(container(media, "radarr")).toMatchObject({ id: before, status: "running", health: "healthy" });
  expect(await env(media, "radarr")).toContain("TZ=Europe/Berlin\n");
});

test("a password manager that fails in the middle of a run takes no variable from anybody", async () => {
  await up([], 0);
  for (const service of ["vaultwarden", "watchtower"]) breaks(safe, service);
  world.describe(house("Europe/Paris"));
  await up(["--continue-on-error"], 1);
  expect(await deployed("Europe/Paris")).toEqual(
    ALL.filter((name) => !["safe-vaultwarden", "safe-watchtower"].includes(name)),
  );
  expect(await env(safe, "prowlarr")).toContain("PROWLARR__AUTH__APIKEY=c0ffee\n");
  expect(await env(safe, "vaultwarden")).toContain("ADMIN_TOKEN=staple\n");
});

test("a target is deployed alone: no order draws others in", async () => {
  await up([], 0);
  world.describe(house("Europe/Rome"));
  await up(["--target", "**media-watchtower"], 0);
  expect(await deployed("Europe/Rome")).toEqual(["media-watchtower"]);
});

/** Told by name only, as the end of each resource's line. */
const failed = (output: string): string[] =>
  [...new Set([...output.matchAll(/(\S+) \*\*updating failed\*\*/g)].map(([, name = ""]) => name))].sort();

const timezone = (value: string): Override => [["config", "infinity-node:timezone"], value];
const SAFE = ALL.filter((name) => name.startsWith("safe-"));

test("a guest that is down fails its own stacks alone, soon, and has them as they were when it is back", async () => {
  await up([], 0);
  const before = container(media, "radarr").id;
  const closed = await closedPort();
  world.override(timezone("Europe/Oslo"), [["config", "pulumi-nodejs:ssh", "hosts", "media", "port"], closed]);
  const since = Date.now();
  const { code, output } = await infinityPulumi(world, ["up", "--yes", "--skip-preview"]);
  expect({ code, output }).toMatchObject({
    code: 1,
    output: expect.stringContaining(`evan@127.0.0.1:${closed}`) as string,
  });
  expect(Date.now() - since).toBeLessThan(60_000);
  expect(failed(output)).toEqual(["media-radarr", "media-watchtower"]);
  expect(await deployed("Europe/Oslo")).toEqual(SAFE);
  expect(container(media, "radarr")).toMatchObject({ id: before, status: "running" });

  world.override(timezone("Europe/Oslo"));
  await up([], 0);
  expect(await deployed("Europe/Oslo")).toEqual(ALL);
});

test("up --refresh repairs what can be reached, and leaves a guest that is down as it is recorded, told by its name", async () => {
  await up([], 0);
  const stop = (guest: LabGuest, service: string): void => {
    Object.assign(container(guest, service), { status: "exited", exitCode: 137, pid: 0 });
  };
  stop(safe, "vaultwarden");
  stop(media, "radarr");
  const declared = Object.keys(world.resources()).sort();
  const closed = await closedPort();
  const down: Override = [["config", "pulumi-nodejs:ssh", "hosts", "media", "port"], closed];
  world.override(timezone("Europe/Oslo"), down);
  const { code, output } = await infinityPulumi(world, ["up", "--yes", "--refresh"]);
  expect({ code, output }).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      new RegExp(`stack radarr on media: .*evan@127.0.0.1:${closed}[^]*run the same again once it answers\\s*$`),
    ) as string,
  });
  expect(container(safe, "vaultwarden")).toMatchObject({ status: "running", health: "healthy" });
  expect(container(media, "radarr")).toMatchObject({ status: "exited" });
  expect(Object.keys(world.resources()).sort()).toEqual(declared);

  world.override(timezone("Europe/Oslo"));
  expect(await infinityPulumi(world, ["up", "--yes", "--refresh"])).toMatchObject({ code: 0 });
  expect(container(media, "radarr")).toMatchObject({ status: "running" });
});

test("up --refresh has what differs on a guest that is down fail alone", async () => {
  const closed = await closedPort();
  world.override(timezone("Europe/Kyiv"), [["config", "pulumi-nodejs:ssh", "hosts", "media", "port"], closed]);
  const { code, output } = await infinityPulumi(world, ["up", "-yfr"]);
  expect(code).toBe(1);
  expect(failed(output)).toEqual(["media-radarr", "media-watchtower"]);
  expect(await deployed("Europe/Kyiv")).toEqual(SAFE);
});

test("a guest with another host key is not talked to, and what to do about it is said", async () => {
  const before = media.operations.length;
  media.present(newKey().private);
  world.override(timezone("Europe/Athens"));
  const { code, output } = await infinityPulumi(world, ["up", "--yes", "--skip-preview"]);
  expect({ code, output }).toMatchObject({
    code: 1,
    output: expect.stringContaining("set vms.media.guest.hostKey to it") as string,
  });
  expect(output).toContain(media.hostKey);
  expect(failed(output)).toEqual(["media-radarr", "media-watchtower"]);
  expect(await deployed("Europe/Athens")).toEqual(SAFE);
  expect(media.operations).toHaveLength(before);

  // As the error advises, once somebody has looked at the guest.
  world.override(timezone("Europe/Athens"), [
    ["config", "infinity-node:vms", "media", "guest", "hostKey"],
    media.hostKey,
  ]);
  await up([], 0);
  expect(await deployed("Europe/Athens")).toEqual(ALL);
});
