/** Endpoint and credentials are today's; what can't be trusted or understood is refused before anything is asked. */
import { openWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const NODE = "/nodes/infinity-node";
const disk = { storage: "local-lvm", size: "4GiB" };

const house = (hypervisor: object = {}, vm: object = {}): Sections => ({
  hypervisor,
  vms: { one: { vmid: 100, cpu: { cores: 1 }, memory: "1GiB", disks: { scsi0: disk }, ...vm } },
});

let world: World;

beforeAll(async () => {
  world = await openWorld("access", house());
  await world.up();
});
afterAll(() => world.close());
beforeEach(() => {
  world.describe(house());
  world.proxmox.calls.reset();
});

const silent = () => {
  expect(Object.keys(world.proxmox.calls.counts)).toEqual([]);
};

test("after a token was replaced and the old one revoked, refresh, drift and destroy work", async () => {
  const { tokens } = world.proxmox.world;
  const old = tokens["root@pam!lab"];
  if (!old) throw new Error("the lab has no token root@pam!lab");
  const secret = "99999999-8888-4777-8666-555555555555";
  tokens["root@pam!next"] = { ...old, secret };
  Reflect.deleteProperty(tokens, "root@pam!lab");
  expect(await world.pulumi(["refresh", "--yes", "--skip-preview"], 1)).toMatch(/401/);
  world.describe(house({ apiToken: `root@pam!next=${secret}` }));
  await world.pulumi(["refresh", "--yes", "--skip-preview"]);
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
  await world.pulumi(["destroy", "--yes", "--skip-preview"]);
  tokens["root@pam!lab"] = old;
});

test("another certificate than the pinned one is refused, and receives no request", async () => {
  const fingerprint = Array.from({ length: 32 }, () => "AB").join(":");
  world.describe(house({ tls: { fingerprint } }));
  expect(await world.pulumi(["up", "--yes", "--skip-preview"], 1)).toMatch(/fingerprint/i);
  silent();
});

test("a house with problems ends before any call, with all of them at once, and no secret's value", async () => {
  const secret = "root@pam!lab=not-to-be-shown";
  world.describe({
    ...house({ apiToken: secret, nodee: "x" }, { memory: "1GiB", balloon: "2GiB", vmid: 7, colour: "red" }),
  });
  const said = await world.pulumi(["preview"], 1);
  for (const path of ["hypervisor.nodee", "vms.one.balloon", "vms.one.vmid", "vms.one.colour"]) {
    expect(said).toContain(path);
  }
  expect(said).not.toContain("not-to-be-shown");
  silent();
});

describe("refused in the preview", () => {
  test.each([
    ["a smaller disk", { disks: { scsi0: { ...disk, size: "2GiB" } } }, /disks\.scsi0\.size.*shrink/is],
    ["another VMID", { vmid: 150 }, /vmid/],
    [
      "a disk of the host with a token",
      { disks: { scsi0: disk, scsi1: { physical: true, path: "/dev/disk/by-id/x" } } },
      /root@pam/,
    ],
  ])("%s", async (_what, vm, message) => {
    world.describe(house());
    await world.up();
    world.proxmox.calls.reset();
    world.describe(house({}, vm));
    expect(await world.pulumi(["preview"], 1)).toMatch(message);
    silent();
  });
});

test("a change that waits for a reboot is stored, said, and reboots nothing", async () => {
  world.describe(house({}, { state: "running" }));
  await world.up();
  world.describe(house({}, { state: "running", cpu: { cores: 2 } }));
  expect(await world.up()).toMatch(/VM 100 .*cpu: takes effect at its next start/);
  const pending = await world.hands.get<{ key: string; pending?: unknown }[]>(`${NODE}/qemu/100/pending`);
  expect(pending).toContainEqual(expect.objectContaining({ key: "cores", pending: 2 }));
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
});
