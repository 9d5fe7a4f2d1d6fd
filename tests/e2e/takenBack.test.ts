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

const house = ({ domain = "first", reboot = "04:30", services = [VAULT] as readonly unknown[] } = {}): Sections => ({
  network: { cidr: "192.168.86.0/24", gateway: 1 },
  guests: { user: "evan", docker: { packages: ["docker.io"] }, upgrades: { reboot } },
  ...(services.length > 0 && {
    settings: { [VAULT]: { DOMAIN: `https://${domain}.example.org` } },
    secrets: { [VAULT]: { ADMIN_TOKEN: "correct-horse" } },
  }),
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

test("a release that came up after its connection was gone", async () => {
  world.describe(house({ domain: "second" }));
  cutAt(/^make vaultwarden$/);
  expect(await fails()).toContain("the connection ended under it");
  expect(await read(`${FOLDER}/.env`)).toContain("second.example.org");
  const [, noted] = Object.entries(world.resources()).find(([urn]) => urn.endsWith(`-${VAULT}`)) ?? [];
  expect(noted).toHaveProperty("initErrors");
  expect(JSON.stringify(noted).includes("correct-horse")).toBe(false);

  world.describe(house());
  await world.up();
  expect(await read(`${FOLDER}/.env`)).toContain("first.example.org");
  expect(container(guest, VAULT).status).toBe("running");
  await clean();
});

const UPGRADES = "/etc/apt/apt.conf.d/52infinity-node";

test("a file that was written after its connection was gone", async () => {
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
  guest.state.badImages[image] = { health: "unhealthy", log: "no\n" };
  world.describe(house({ domain: "third", services: [{ [VAULT]: { deletable: true } }] }));
  expect(await fails()).toContain("did not come up");

  world.describe(house({ services: [] }));
  await world.up();
  expect(guest.state.containers).toEqual([]);
  await clean();
});
