/** What runs on the VMs is held against the rules by the real program, before anything is asked of a server. */
import { stripVTControlCharacters } from "node:util";
import { vm } from "./inside";
import { openWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const house = (services: readonly unknown[], more: Sections = {}): Sections => ({
  vms: {
    media: {
      vmid: 100,
      cpu: { cores: 1 },
      memory: "1GiB",
      disks: { scsi0: { storage: "local-lvm", size: "4GiB" } },
      services,
    },
  },
  ...more,
});

let world: World;
beforeAll(async () => {
  world = await openWorld("stacks", house(["emby", "embi", { vpn: "nordlinx" }]));
});
afterAll(() => world.close());

/** Without colours, blanks and line breaks that the terminal puts in. */
const plain = (output: string): string => stripVTControlCharacters(output).replace(/\s+/g, " ");

test("a house whose services are wrong is refused, with all that is wrong and its fix", async () => {
  const said = plain(await world.pulumi(["preview"], 1));
  expect(said).toContain(
    "vms.media.services: emby: mounts the library, and the house has no NAS - give the section nas",
  );
  expect(said).toContain("vms.media.services.1: embi: is no folder of stacks/ - add stacks/embi/");
  expect(said).toContain("did you mean emby?");
  expect(said).toContain("vms.media.services.2: nordlinx: is no variant of vpn");
  expect(said).toContain("did you mean nordlynx?");
});

test("a sound one goes on, and is warned of what it lacks; a secret given in it is shown to nobody", async () => {
  const nas = { address: "192.0.2.9", export: "/volume1/house" };
  const secrets = { radarr: { RADARR__AUTH__APIKEY: "c0ffee00c0ffee00" } };
  world.describe(house(["emby", "radarr", { vpn: "nordlynx" }], { nas, secrets }));
  const said = plain(await world.pulumi(["preview", "--diff"]));
  expect(said).toContain("vms.media.services: radarr needs prowlarr, which no VM has");
  expect(said).not.toContain("c0ffee");
});

test("a critical one that lacks a value is left out, and each preview warns of it", async () => {
  const nas = { address: 43, export: "/volume1/house" };
  const network = { cidr: "192.168.86.0/24", gateway: 1 };
  const secrets = { vpn: { VPN_PRIVATE_KEY: "k3y-k3y-k3y", NZBGET_PASSWORD: "p4ss-p4ss" } };
  const vms = { media: vm(100, 172, [{ vpn: "nordlynx" }], { user: "evan", docker: {} }) };
  world.describe({ network, nas, secrets, vms });
  const said = plain(await world.pulumi(["preview"]));
  expect(said).toContain("warning: vpn on media is critical, and left out: this run deploys nothing of it");
  expect(said).toContain("settings.vpn.VPN_ENDPOINT: vpn on media needs it - set infinity-node:settings.vpn");
  expect(said).toContain(
    "secrets.vpn.VPN_SERVER_KEY: vpn on media needs it - set it: infinity pulumi config set --secret",
  );
});
