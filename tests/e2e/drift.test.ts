/** The real engine finds what was changed by hand, property by property, and puts it back. */
import { openWorld, type World } from "./world";

jest.setTimeout(240_000);

const EXIT_CHANGES = 7;
const NODE = "/nodes/infinity-node";

const house = {
  storages: { "local-lvm": { type: "lvmthin", volumeGroup: "pve", thinPool: "data" } },
  vms: {
    media: {
      vmid: 100,
      state: "stopped",
      cpu: { cores: 2 },
      memory: "8GiB",
      tags: ["prod"],
      disks: {
        scsi0: { storage: "local-lvm", size: "32GiB" },
        scsi1: { storage: "local-lvm", size: "8GiB", discard: true },
      },
      nics: { net0: {}, net1: { vlan: 20 } },
    },
    doomed: {
      vmid: 101,
      state: "stopped",
      cpu: { cores: 1 },
      memory: "1GiB",
      disks: { scsi0: { storage: "local-lvm", size: "1GiB" } },
    },
  },
};

let world: World;

beforeAll(async () => {
  world = await openWorld("drift", house);
  await world.up();
});
afterAll(() => world.close());

const edits: [what: string, edit: Record<string, string | number>, shown: RegExp][] = [
  ["vCPUs", { cores: 8 }, /cores\s*:\s*2 => 8/],
  ["RAM", { memory: 4096 }, /memory\s*:\s*"8GiB" => "4GiB"/],
  ["a name", { name: "renamed" }, /name\s*:\s*"media" => "renamed"/],
  ["tags", { tags: "test" }, /tags/],
  ["a disk's option", { delete: "scsi1", scsi3: "local-lvm:vm-100-disk-1,discard=on" }, /scsi1/],
  ["a NIC's VLAN", { net1: "virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=30" }, /vlan\s*:\s*20 => 30/],
  ["a NIC taken out", { delete: "net1" }, /net1/],
];

test.each(edits)("an edit of %s is shown, and put back", async (_what, edit, shown) => {
  await world.hands.put(`${NODE}/qemu/100/config`, edit);
  expect(await world.pulumi(["refresh", "--preview-only", "--diff"])).toMatch(shown);
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"], EXIT_CHANGES);
  await world.pulumi(["up", "--yes", "--skip-preview", "--refresh"]);
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
});

test("a VM that was started by hand is stopped again", async () => {
  await world.hands.task(await world.hands.post<string>(`${NODE}/qemu/100/status/start`));
  expect(await world.pulumi(["refresh", "--preview-only", "--diff"])).toMatch(/power\s*:\s*"stopped" => "running"/);
  await world.pulumi(["up", "--yes", "--skip-preview", "--refresh"]);
  expect(await world.hands.get(`${NODE}/qemu/100/status/current`)).toMatchObject({ status: "stopped" });
});

test("a VM that is gone is shown as deleted", async () => {
  await world.hands.task(await world.hands.delete<string>(`${NODE}/qemu/101`));
  expect(await world.pulumi(["refresh", "--preview-only"])).toMatch(/Vm doomed .*delete/);
});

test("a Proxmox out of reach drops nothing from the state", async () => {
  const recorded = world.state();
  const { hypervisor } = { hypervisor: { endpoint: "https://127.0.0.1:9" } };
  world.describe({ ...house, hypervisor });
  expect(await world.pulumi(["refresh", "--yes", "--skip-preview"], 1)).toMatch(/127\.0\.0\.1:9/);
  expect(JSON.parse(world.state())).toMatchObject({
    checkpoint: { latest: { resources: resourcesOf(recorded) } },
  });
  world.describe(house);
});

const resourcesOf = (state: string) => {
  const parsed = JSON.parse(state) as { checkpoint: { latest: { resources: { urn: string }[] } } };
  return parsed.checkpoint.latest.resources.map(({ urn }) => ({ urn }));
};
