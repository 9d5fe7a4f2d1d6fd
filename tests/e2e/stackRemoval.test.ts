/** A stack that is taken out of the house, through the real engine: it runs on, or goes where that was said in an earlier up. */
import type { LabGuest } from "../../lab/guest/guest";
import { vm } from "./inside";
import { openGuestWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const SECRETS = {
  portainer: { ADMIN_PASSWORD: "lab-lab-lab-lab" },
  vpn: { NZBGET_PASSWORD: "lab", VPN_PRIVATE_KEY: "lab" },
};

const house = (services: readonly unknown[], secrets: Sections = SECRETS): Sections => ({
  network: { cidr: "192.168.86.0/24", gateway: 1 },
  nas: { address: 43, export: "/volume1/house" },
  guests: { user: "evan", docker: { packages: ["docker.io"] } },
  secrets,
  vms: { misc: vm(100, 10, services, { mount: {} }) },
});

let world: World;
let guest: LabGuest;

beforeAll(async () => {
  world = await openGuestWorld("stackremoval", house(["flaresolverr", "portainer", "vpn"]));
  ({ misc: guest } = world.inside as Record<"misc", LabGuest>);
  await world.up();
});
afterAll(() => world.close());

const projects = (): string[] => [...new Set(guest.state.containers.map(({ project }) => project))].sort();
const recorded = (name: string): string[] =>
  Object.keys(world.resources()).filter((urn) => urn.includes("ComposeStack::") && urn.endsWith(`-${name}`));

/** What holds the VPN's network, and what rejoins its clients: its script and its unit. */
async function around(): Promise<{ readonly tables: number; readonly files: number }> {
  const { stdout } = await guest.by(["ls", "-A", "--", "/usr/local/sbin", "/etc/systemd/system"]);
  const files = stdout.split("\n").filter((name) => name.startsWith("infinity-node-rejoin-vpn")).length;
  return { tables: Object.keys(guest.state.tables ?? {}).length, files };
}

test("nothing was said of it: it is forgotten, and runs on", async () => {
  world.describe(house(["portainer", "vpn"]));
  await world.up();
  expect(projects()).toEqual(["flaresolverr", "portainer", "vpn"]);
  expect(recorded("flaresolverr")).toEqual([]);
});

test("said in an earlier up, which changes nothing on the guest, it goes; with it what held and rejoined its network", async () => {
  const before = guest.state.containers.map(({ id }) => id);
  const services = [
    { flaresolverr: { deletable: true } },
    { portainer: { deletable: true } },
    { vpn: { deletable: true } },
  ];
  world.describe(house(services));
  await world.up();
  expect(guest.state.containers.map(({ id }) => id)).toEqual(before);
  expect(await around()).toEqual({ tables: 1, files: 2 });

  world.describe(house(services.slice(1, 2), { portainer: SECRETS.portainer }));
  await world.up();
  expect(projects()).toEqual(["portainer"]);
  expect(await around()).toEqual({ tables: 0, files: 0 });
  expect((await guest.by(["ls", "-A", "--", "/opt/stacks/vpn"])).stdout).toContain("docker-compose.yml");
});

test.each([
  ["", { portainer: { deletable: true } }],
  [", nor where the word was struck at the same time", "portainer"],
])("one that may go is not taken away for want of a value: the run is refused%s", async (_, service) => {
  world.describe(house([service], {}));
  const said = await world.pulumi(["up", "--yes", "--skip-preview"], 1);
  expect(said.replace(/\s+/g, " ")).toContain(
    "vms.misc.services.0: portainer: is deletable, and this run would not deploy it: that would take it away where it " +
      "runs - see to what it lacks (secrets.portainer.ADMIN_PASSWORD: ",
  );
  expect([projects(), recorded("portainer")]).toEqual([["portainer"], [expect.any(String)]]);
});
