/** The real engine against the simulated Proxmox: a house comes up, stays as it is, and changes in place. */
import { openWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const storages = {
  local: { type: "dir", path: "/var/lib/vz" },
  "local-lvm": { type: "lvmthin", volumeGroup: "pve", thinPool: "data" },
  shared: { type: "nfs", server: "192.168.86.43", export: "/volume1/infinity-node", content: ["images"] },
};

const media = {
  vmid: 100,
  hostname: "media",
  state: "running",
  cpu: { cores: 2, type: "x86-64-v2-AES" },
  memory: "8GiB",
  balloon: "4GiB",
  disks: { scsi0: { storage: "local-lvm", size: "32GiB" }, scsi1: { storage: "shared", size: "8GiB" } },
};

const house = (vm: object = {}, more: Sections = {}): Sections => ({
  storages,
  vms: { media: { ...media, ...vm }, spare: { ...media, vmid: 101, hostname: "spare", state: "stopped" } },
  ...more,
});

type Config = Readonly<Record<string, string | number | undefined>>;

let world: World;
const config = (vmid = 100) => world.hands.get<Config>(`/nodes/infinity-node/qemu/${vmid}/config`);

beforeAll(async () => {
  world = await openWorld("changes", house());
  await world.up();
});
afterAll(() => world.close());

test("the VMs and storages of the house are there as described", async () => {
  expect(await config()).toMatchObject({
    name: "media",
    cores: 2,
    cpu: "x86-64-v2-AES",
    memory: "8192",
    balloon: 4096,
    scsi0: expect.stringMatching(/^local-lvm:vm-100-disk-\d,.*size=32G/) as string,
    scsi1: expect.stringMatching(/^shared:100\/vm-100-disk-\d\.\w+,.*size=8G/) as string,
    net0: expect.stringMatching(/^virtio=[0-9A-F:]{17},bridge=vmbr0$/) as string,
  });
  const power = (vmid: number) => world.hands.get<Config>(`/nodes/infinity-node/qemu/${vmid}/status/current`);
  expect(await power(100)).toMatchObject({ status: "running" });
  expect(await power(101)).toMatchObject({ status: "stopped" });
  expect(await world.hands.get("/storage/shared")).toMatchObject({ type: "nfs", server: "192.168.86.43" });
});

test("a second up changes nothing: no call that writes, and the same state", async () => {
  const before = world.resources();
  world.proxmox.calls.reset();
  expect(await world.up()).not.toMatch(/created|updated|deleted/);
  expect(Object.keys(world.proxmox.calls.counts)).toEqual([]);
  expect(world.resources()).toEqual(before);
});

test("a preview without changes asks Proxmox nothing", async () => {
  world.proxmox.calls.reset();
  await world.pulumi(["preview", "--expect-no-changes"]);
  expect(Object.keys(world.proxmox.calls.counts)).toEqual([]);
});

test("what Proxmox computes is no change to a refresh", async () => {
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
});

describe("a change in place", () => {
  const changes: [what: string, vm: object, live: Config, gone?: string[]][] = [
    ["name and notes", { hostname: "cinema", description: "films" }, { name: "cinema", description: "films" }],
    ["tags, canonical", { tags: ["Web", "prod"] }, { tags: "prod;web" }],
    ["RAM and balloon", { memory: "16GiB", balloon: "2GiB" }, { memory: "16384", balloon: 2048 }],
    ["vCPUs", { cpu: { cores: 4, sockets: 2, type: "host" } }, { cores: 4, sockets: 2, cpu: "host" }],
    [
      "a disk that grows",
      { disks: { ...media.disks, scsi0: { storage: "local-lvm", size: "40GiB" } } },
      { scsi0: expect.stringContaining("size=40G") as string },
    ],
    [
      "a disk more",
      { disks: { ...media.disks, scsi2: { storage: "local-lvm", size: "4GiB", backup: false } } },
      { scsi2: expect.stringMatching(/^local-lvm:vm-\d+-disk-\d,.*backup=0/) as string },
    ],
    [
      "a disk less: detached, not freed",
      { disks: { scsi0: media.disks.scsi0 } },
      { unused0: expect.stringMatching(/^shared:.*vm-\d+-disk-0/) as string },
      ["scsi1"],
    ],
    [
      "a NIC more, with VLAN and firewall",
      { nics: { net0: {}, net1: { vlan: 20, firewall: true } } },
      { net1: expect.stringMatching(/bridge=vmbr0,firewall=1,tag=20$/) as string },
    ],
    ["start with the host, agent", { startAtBoot: true, agent: true }, { onboot: 1, agent: "1" }],
    ["protection", { protection: true }, { protection: 1 }],
  ];

  // Each on a stopped VM of its own, so that nothing waits for a reboot, and all of them in one run.
  const vmids = changes.map((_change, index) => 200 + index);
  const machines = (change: (index: number) => object): Sections => ({
    storages,
    vms: Object.fromEntries(
      vmids.map((vmid, index) => [
        `vm-${vmid}`,
        { ...media, vmid, hostname: `vm-${vmid}`, state: "stopped", ...change(index) },
      ]),
    ),
  });
  let before: Config[];

  beforeAll(async () => {
    world.describe(machines(() => ({})));
    await world.up();
    before = await Promise.all(vmids.map(config));
    world.describe(machines((index) => changes[index]?.[1] ?? {}));
    const said = await world.up();
    expect(said).not.toMatch(/replac|deleted/);
    expect(said.match(/Vm vm-\d+ updated/g)).toHaveLength(changes.length);
  });

  test.each(changes)("%s", async (_what, vm, live, gone = []) => {
    const index = changes.findIndex(([, change]) => change === vm);
    const now = await config(vmids[index]);
    // Its MAC is what Proxmox gave out, and its identity its own, whatever was changed.
    expect(now).toMatchObject({ ...live, net0: before[index]?.net0, smbios1: before[index]?.smbios1 });
    for (const key of gone) expect(now).not.toHaveProperty(key);
  });

  test("and then nothing is left to change", async () => {
    await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
  });
});
