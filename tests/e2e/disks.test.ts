/** The real engine: a VM from a downloaded image; its disks moved and re-attached in place; nothing is made twice. */
import { houseNode } from "../../lab/proxmox/seeds";
import { openWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const storages = {
  local: { type: "dir", path: "/var/lib/vz", content: ["import", "iso"] },
  "local-lvm": { type: "lvmthin", volumeGroup: "pve", thinPool: "data" },
  shared: { type: "nfs", server: "192.168.86.43", export: "/volume1/infinity-node", content: ["images"] },
};
const image = (release: string) => ({
  url: `https://cloud.debian.org/images/debian-12-${release}.qcow2`,
  checksum: `sha256:${release.repeat(32)}`,
  storage: "local",
});
const house = (release: string, disks: object): Sections => ({
  network: { cidr: "192.168.86.0/24", gateway: 1, dns: [1] },
  storages,
  images: { debian: image(release) },
  vms: {
    media: {
      vmid: 100,
      state: "running",
      address: 172,
      cpu: { cores: 2 },
      memory: "2GiB",
      disks,
      cloudInit: { storage: "local-lvm", user: "evan", sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 evan"] },
    },
  },
});

const made = {
  scsi0: { storage: "local-lvm", size: "8GiB", image: "debian" },
  scsi1: { storage: "local-lvm", size: "4GiB" },
};

let world: World;
const config = () => world.hands.get<Record<string, string>>("/nodes/infinity-node/qemu/100/config");
const writes = () =>
  world.proxmox.calls.list.flatMap(({ method, kind }) =>
    method === "GET" || kind.includes("ticket") ? [] : [kind.split("/").at(-1)],
  );

beforeAll(async () => {
  const initial = houseNode();
  const { local } = initial.storages;
  if (local) local.properties.content = "import,iso";
  world = await openWorld("disks", house("1a", made), { initial });
});
afterAll(() => world.close());

test("from nothing: the file first, then the VM made from it, grown, and started", async () => {
  await world.up();
  expect(writes()).toEqual(["storage", "download-url", "qemu", "resize", "start"]);
  expect(await config()).toMatchObject({
    scsi0: "local-lvm:vm-100-disk-0,size=8G",
    ipconfig0: "gw=192.168.86.1,ip=192.168.86.172/24",
    nameserver: "192.168.86.1",
    ciuser: "evan",
  });
});

test("in place: one disk to another storage, one to another slot, and a new release that changes neither", async () => {
  world.describe(
    house("2b", {
      scsi0: { ...made.scsi0, storage: "shared", size: "9GiB" },
      scsi2: { ...made.scsi1, volume: "local-lvm:vm-100-disk-1" },
    }),
  );
  world.proxmox.calls.reset();
  const said = await world.up();
  expect(said).not.toMatch(/replac|deleted/);
  expect(said).toContain("local:import/debian-12-1a.qcow2 is not the house's any more and stays where it is");
  expect(writes().sort()).toEqual(["config", "config", "download-url", "move_disk", "resize"]);
  const now = await config();
  expect(now).toMatchObject({
    scsi0: expect.stringMatching(/^shared:100\/vm-100-disk-0\.raw,size=9G$/) as string,
    scsi2: "local-lvm:vm-100-disk-1,size=4G",
  });
  expect(Object.keys(now).filter((key) => /^(unused|scsi1$)/.test(key))).toEqual([]);
  expect(Object.keys(world.proxmox.world.volumes).sort()).toEqual([
    "local-lvm:vm-100-cloudinit",
    "local-lvm:vm-100-disk-1",
    "local:import/debian-12-1a.qcow2",
    "local:import/debian-12-2b.qcow2",
    "shared:100/vm-100-disk-0.raw",
  ]);
});

test("what is gone and what was moved by hand is seen, and put back", async () => {
  Reflect.deleteProperty(world.proxmox.world.volumes, "local:import/debian-12-2b.qcow2");
  const move = { disk: "scsi0", storage: "local-lvm", delete: true };
  await world.hands.task(await world.hands.post<string>("/nodes/infinity-node/qemu/100/move_disk", move));
  const seen = await world.pulumi(["preview", "--refresh", "--diff", "--expect-no-changes"], 7);
  expect(seen).toMatch(/storage *: "local-lvm" => "shared"/);
  await world.pulumi(["up", "--refresh", "--yes", "--skip-preview"]);
  expect((await config()).scsi0).toMatch(/^shared:/);
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
});

test("another image for a disk that is there is refused in the preview", async () => {
  const sections = house("2b", { scsi0: { ...made.scsi0, storage: "shared", size: "9GiB", image: "other" } });
  world.describe({ ...sections, images: { debian: image("2b"), other: image("3c") } });
  const refused = await world.pulumi(["preview"], 1);
  expect(refused).toContain("made from debian, and is never filled again");
});
