/** A run that is killed while a guest works for it: the next one ends it, alone, and nothing of two releases is mixed. */
import type { LabGuest } from "../../lab/guest/guest";
import { infinityPulumi, killUpInside, orphansEnded, type Kill } from "./killing";
import { openGuestWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const FULL = process.env.INFINITY_FULL === "1";

const house = (timezone: string): Sections => ({
  network: { cidr: "192.168.86.0/24", gateway: 1 },
  timezone,
  guests: { user: "evan", docker: { packages: ["docker.io"] } },
  settings: { vaultwarden: { DOMAIN: "https://vault.example.org" } },
  secrets: { vaultwarden: { ADMIN_TOKEN: "staple" } },
  vms: {
    safe: {
      ...{ vmid: 100, address: 10, cpu: { cores: 1 }, memory: "1GiB", state: "running", guest: {} },
      disks: { scsi0: { storage: "local-lvm", size: "4GiB" } },
      services: ["vaultwarden"],
    },
  },
});

let world: World;
let guest: LabGuest;

beforeAll(async () => {
  world = await openGuestWorld("killedguests", house("Etc/UTC"));
  ({ safe: guest } = world.inside as Record<"safe", LabGuest>);
});
afterAll(() => world.close());

const STACK = "/opt/stacks/vaultwarden";

const all: readonly (readonly [string, RegExp, Kill["who"]])[] = [
  ["packages are installed", /^set up .*docker/, "everybody"],
  ["a release is uploaded", /^write \/opt\/stacks\/vaultwarden\/releases\//, "everybody"],
  ["containers are made", /^make vaultwarden$/, "the engine"],
  ["the release is switched", /^mv \/opt\/stacks\/vaultwarden\/current/, "everybody"],
  ["containers are made, again", /^make vaultwarden$/, "everybody"],
];
/** In a short run the first ones. */
const kills = FULL ? all : all.slice(0, 3);
const ZONES = ["Europe/Berlin", "Europe/London", "Europe/Paris", "Europe/Rome", "Europe/Oslo"];

test.each(kills)("killed while %s, the next run ends it", async (_, at, who) => {
  const timezone = ZONES[all.findIndex(([, one, whom]) => one === at && whom === who)] ?? "";
  world.describe(house(timezone));
  await killUpInside(world, guest, at, who);
  const { code, output } = await infinityPulumi(world, ["up", "--yes", "--skip-preview"]);
  expect({ code, output }).toMatchObject({ code: 0 });
  const env = (await guest.by(["cat", "--", `${STACK}/.env`])).stdout;
  expect(env).toContain(`TZ=${timezone}\n`);
  expect(env).toContain("ADMIN_TOKEN=staple\n");
  const links = await Promise.all(["current", "good"].map((name) => guest.by(["readlink", "--", `${STACK}/${name}`])));
  expect(links[0]?.stdout).toMatch(/^releases\//);
  expect(links[1]?.stdout).toBe(links[0]?.stdout);
  expect(guest.state.containers.map(({ service, status, health }) => [service, status, health])).toEqual([
    ["vaultwarden", "running", "healthy"],
  ]);
  expect(await orphansEnded(world)).toEqual([]);
  if (!FULL && at !== kills.at(-1)?.[1]) return;
  const { code: clean } = await infinityPulumi(world, ["preview", "--refresh", "--expect-no-changes"]);
  expect(clean).toBe(0);
});

test("killed while its release comes up, and taken back: the next plain up makes it good", async () => {
  world.describe(house("Etc/UTC"));
  await world.up();
  world.describe(house("Europe/Madrid"));
  await killUpInside(world, guest, /^make vaultwarden$/, "everybody");
  const env = async (): Promise<string> => (await guest.by(["cat", "--", `${STACK}/.env`])).stdout;
  expect(await env()).toContain("TZ=Europe/Madrid\n");
  world.describe(house("Etc/UTC"));
  expect(await infinityPulumi(world, ["up", "--yes", "--skip-preview"])).toMatchObject({ code: 0 });
  expect(await env()).toContain("TZ=Etc/UTC\n");
  const { code } = await infinityPulumi(world, ["preview", "--refresh", "--expect-no-changes"]);
  expect(code).toBe(0);
});
