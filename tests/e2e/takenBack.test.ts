/**
 * An update that failed on a guest, through the real engine: it is made good by the next plain `up`, also where the house took
 * back by then what it had asked for; and a stack that never comes up can be taken out of the house.
 */
import type { LabGuest } from "../../lab/guest/guest";
import { container, vm } from "./inside";
import { openGuestWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const VAULT = "vaultwarden";
const FOLDER = `/opt/stacks/${VAULT}`;
/** What opens its /admin page: one that may be left out. */
const TOKEN = "correct-horse";

interface Said {
  readonly domain?: string;
  readonly token?: string;
  readonly reboot?: string;
  readonly services?: readonly unknown[];
}

const house = ({ domain = "first", token, reboot = "04:30", services = [VAULT] }: Said = {}): Sections => ({
  network: { cidr: "192.168.86.0/24", gateway: 1 },
  guests: { user: "evan", docker: { packages: ["docker.io"] }, upgrades: { reboot } },
  ...(services.length > 0 && { settings: { [VAULT]: { DOMAIN: `https://${domain}.example.org` } } }),
  ...(token !== undefined && { secrets: { [VAULT]: { ADMIN_TOKEN: token } } }),
  vms: { misc: vm(100, 10, services) },
});

let world: World;
let guest: LabGuest;

beforeAll(async () => {
  world = await openGuestWorld("takenback", house());
  ({ misc: guest } = world.inside as Record<"misc", LabGuest>);
  await world.up();
});
afterAll(() => world.close());

const fails = (): Promise<string> => world.pulumi(["up", "--yes", "--skip-preview"], 1);
const clean = (): Promise<string> => world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
/** The connection ends as the guest is about to do that, which it does to its end. */
const cutAt = (at: RegExp): void => {
  guest.moments.hold({ at, until: () => Promise.resolve("cut" as const) });
};
const read = async (path: string): Promise<string> => (await guest.by(["cat", "--", path])).stdout;
const env = (): Promise<string> => read(`${FOLDER}/.env`);
/** What the engine noted of the stack. */
const noted = (): unknown => Object.entries(world.resources()).find(([urn]) => urn.endsWith(`-${VAULT}`))?.[1];

/** The house says that, and its release comes up after the connection is gone. */
async function cutOff(said: Said): Promise<void> {
  world.describe(house(said));
  cutAt(/^make vaultwarden$/);
  expect(await fails()).toContain("the connection ended under it");
  expect(await env()).toContain(`${said.domain ?? ""}.example.org`);
  expect(noted()).toHaveProperty("initErrors");
  expect(JSON.stringify(noted()).includes(TOKEN)).toBe(false);
}

async function takenBack(said: Said = {}): Promise<void> {
  world.describe(house(said));
  await world.up();
  expect(await env()).toContain("first.example.org");
  expect(container(guest, VAULT).status).toBe("running");
  await clean();
}

test("a release that came up after its connection was gone, with a variable that is the house's no more", async () => {
  await cutOff({ domain: "second", token: TOKEN });
  expect(await env()).toContain(TOKEN);
  await takenBack();
  expect(await env()).not.toContain("ADMIN_TOKEN");
});

test("one without a secret of before, which is not told in plain; looked at first", async () => {
  world.describe(house({ token: TOKEN }));
  await world.up();
  await cutOff({ domain: "second" });
  expect(await env()).not.toContain(TOKEN);
  await world.pulumi(["refresh", "--yes", "--skip-preview"]);
  await takenBack({ token: TOKEN });
  expect(await env()).toContain(TOKEN);
});

const UPGRADES = "/etc/apt/apt.conf.d/52infinity-node";

test("a file that was written after its connection was gone", async () => {
  world.describe(house());
  await world.up();
  const before = await read(UPGRADES);
  world.describe(house({ reboot: "05:30" }));
  cutAt(new RegExp(UPGRADES));
  await fails();

  world.describe(house());
  await world.up();
  expect(await read(UPGRADES)).toBe(before);
  await clean();
});

test("a stack that never comes up goes, where an up said that it may, although that up failed", async () => {
  const { image } = container(guest, VAULT);
  guest.state.badImages[image] = { health: "unhealthy", log: "its first password: staple\n" };
  world.describe(house({ domain: "third", services: [{ [VAULT]: { deletable: true } }] }));
  const said = await fails();
  expect(said).toContain("did not come up");
  // Shown to who waits for it, and kept nowhere.
  expect(said).toContain("its first password: staple");
  expect(noted()).toHaveProperty("initErrors");
  expect(JSON.stringify(noted())).not.toContain("staple");

  world.describe(house({ services: [] }));
  await world.up();
  expect(guest.state.containers).toEqual([]);
  await clean();
});
