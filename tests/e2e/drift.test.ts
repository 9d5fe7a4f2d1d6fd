/** The real engine finds what was changed by hand, property by property, and puts it back. */
import { driftNow } from "./driftNow";
import { openWorld, type World } from "./world";

jest.setTimeout(240_000);

const EXIT_CHANGES = 7;
const EXIT_REFUSED = 1;
const NODE = "/nodes/infinity-node";

interface Edit {
  readonly what: string;
  readonly edit: Readonly<Record<string, string | number>>;
  readonly shown: RegExp;
}

const edits: readonly Edit[] = [
  { what: "vCPUs", edit: { cores: 8 }, shown: /cores\s*: 2 => 8/ },
  { what: "RAM", edit: { memory: 4096, balloon: 1024 }, shown: /memory\s*: "8GiB" => "4GiB"/ },
  { what: "a name", edit: { name: "renamed" }, shown: /name\s*: "vm-\d+" => "renamed"/ },
  { what: "tags", edit: { tags: "test" }, shown: /"prod" => "test"/ },
  {
    what: "a disk's option",
    edit: { scsi1: "local-lvm:vm-104-disk-1,cache=writeback" },
    shown: /cache\s*: "writeback"/,
  },
  { what: "a disk taken out", edit: { delete: "scsi1" }, shown: /- scsi1/ },
  { what: "a NIC's VLAN", edit: { net1: "virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=30" }, shown: /vlan\s*: 20 => 30/ },
  { what: "a NIC taken out", edit: { delete: "net1" }, shown: /- net1/ },
  {
    what: "a NIC that is not in the house",
    edit: { net5: "virtio=BC:24:11:00:00:05,bridge=vmbr0" },
    shown: /\+ unnamed\s*:[\s\S]*net5\s*: "virtio=BC:24:11:00:00:05,bridge=vmbr0"/,
  },
  { what: "a disk that is not in the house", edit: { scsi5: "local-lvm:1" }, shown: /\+ unnamed\s*:[\s\S]*scsi5/ },
  { what: "the machine's type", edit: { machine: "q35" }, shown: /\+ unnamed\s*:[\s\S]*machine\s*: "q35"/ },
  { what: "a name server", edit: { nameserver: "9.9.9.9" }, shown: /\+ unnamed\s*:[\s\S]*nameserver\s*: "9\.9\.9\.9"/ },
  { what: "a device", edit: { rng0: "source=/dev/urandom" }, shown: /\+ unnamed\s*:[\s\S]*rng0\s*: "\/dev\/urandom"/ },
];

const machine = (vmid: number) => ({
  vmid,
  state: "stopped",
  cpu: { cores: 2 },
  memory: "8GiB",
  balloon: "4GiB",
  tags: ["prod"],
  disks: {
    scsi0: { storage: "local-lvm", size: "32GiB" },
    scsi1: { storage: "local-lvm", size: "8GiB", discard: true },
  },
  nics: { net0: {}, net1: { vlan: 20 } },
});

/** One VM for each edit, and some for what is no edit of the configuration alone. */
const STARTED = 100 + edits.length;
const DELETED = STARTED + 1;
const STOPPED = STARTED + 2;
const GROWN = STARTED + 3;
const vmids = Array.from({ length: edits.length + 4 }, (_, index) => 100 + index);
const houseOf = (more: (vmid: number) => object) => ({
  storages: { "local-lvm": { type: "lvmthin", volumeGroup: "pve", thinPool: "data" } },
  vms: Object.fromEntries(vmids.map((vmid) => [`vm-${vmid}`, { ...machine(vmid), ...more(vmid) }])),
});
const started = (vmid: number) => (vmid === STOPPED ? { state: "running" } : {});
const house = houseOf(started);

let world: World;
let shown: string;

/** What the engine shows of one VM. */
const shownOf = (vmid: number): string =>
  shown.split(/\n(?=\s*[~+-] pulumi-nodejs:)/).find((block) => block.includes(`::vm-${vmid}]`)) ?? "";

beforeAll(async () => {
  world = await openWorld("drift", house);
  await world.up();
  const { hands } = world;
  await Promise.all(edits.map(({ edit }, index) => hands.put(`${NODE}/qemu/${100 + index}/config`, edit)));
  await hands.task(await hands.post<string>(`${NODE}/qemu/${STARTED}/status/start`));
  await hands.task(await hands.delete<string>(`${NODE}/qemu/${DELETED}`));
  await hands.task(await hands.post<string>(`${NODE}/qemu/${STOPPED}/status/stop`));
  await hands.task(await hands.put<string>(`${NODE}/qemu/${GROWN}/resize`, { disk: "scsi0", size: "40G" }));
  await hands.put("/storage/local-lvm", { nodes: "infinity-node" });
  shown = await world.pulumi(["refresh", "--preview-only", "--diff"]);
});
afterAll(() => world.close());

test.each(edits.map((edit, index) => ({ ...edit, vmid: 100 + index })))(
  "an edit of $what is shown, property by property",
  ({ vmid, shown }) => {
    expect(shownOf(vmid)).toMatch(shown);
  },
);

test("a VM that was started by hand is shown", () => {
  expect(shownOf(STARTED)).toMatch(/power\s*: "stopped" => "running"/);
});

test("a VM that was stopped by hand, and a disk that was grown, are shown", () => {
  expect(shownOf(STOPPED)).toMatch(/power\s*: "running" => "stopped"/);
  expect(shownOf(GROWN)).toMatch(/size\s*: "32GiB" => "40GiB"/);
});

test("an edit of a storage that the house does not name is shown, told apart", () => {
  expect(shown).toMatch(/::local-lvm\][\s\S]*?\+ unnamed\s*:[\s\S]*?nodes\s*: "infinity-node"/);
});

test("infinity drift finds each of them in one look that writes nothing, and says what up does about it", async () => {
  world.proxmox.calls.reset();
  const { code, report } = await driftNow(world);
  expect(world.proxmox.calls.writes).toBe(0);
  expect(code).toBe(EXIT_CHANGES);
  expect([report.checked, report.total]).toEqual([vmids.length + 1, vmids.length + 1]);
  const drifted = report.parts.filter(({ state }) => state === "drift").map(({ title }) => title);
  expect(drifted).toEqual(["storage local-lvm", ...vmids.map((vmid) => `VM ${vmid} vm-${vmid}`)]);
});

test("a VM that is gone is shown, and not made again with blank disks unless the house says so", async () => {
  expect(shownOf(DELETED)).toMatch(/\+ gone\s*: true/);
  const refused = await world.pulumi(["preview", "--refresh"], EXIT_REFUSED);
  expect(refused).toMatch(/it was deleted in Proxmox, and its disks with it - restore it/);
});

test("a preview ends with the exit code of changes, and up puts back what the house names", async () => {
  // A disk can't shrink: the house follows it.
  const taken = { disks: { ...machine(GROWN).disks, scsi0: { storage: "local-lvm", size: "40GiB" } } };
  const decided = (vmid: number) => (vmid === DELETED ? { recreate: true } : vmid === GROWN ? taken : {});
  world.describe(houseOf((vmid) => ({ ...started(vmid), ...decided(vmid) })));
  const preview = await world.pulumi(["preview", "--refresh", "--expect-no-changes"], EXIT_CHANGES);
  expect(preview).toMatch(/net5: virtio=BC:24:11:00:00:05,bridge=vmbr0: not in the house - left as it is/);
  await world.pulumi(["up", "--yes", "--skip-preview", "--refresh"]);
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
  expect(await driftNow(world)).toMatchObject({ code: 0, report: { checked: vmids.length + 1 } });
  expect(await world.hands.get("/storage/local-lvm")).toMatchObject({ nodes: "infinity-node" });
  const by = edits.findIndex(({ edit }) => "net5" in edit);
  expect(await world.hands.get(`${NODE}/qemu/${100 + by}/config`)).toHaveProperty("net5");
  expect(await world.hands.get(`${NODE}/qemu/${DELETED}/config`)).toHaveProperty("scsi1");
  expect(await world.hands.get(`${NODE}/qemu/${STARTED}/status/current`)).toMatchObject({ status: "stopped" });
  expect(await world.hands.get(`${NODE}/qemu/${STOPPED}/status/current`)).toMatchObject({ status: "running" });
  expect(await world.hands.get(`${NODE}/qemu/105/config`)).toMatchObject({
    scsi1: expect.stringContaining("vm-105-disk-1") as string,
  });
});

test("a Proxmox out of reach drops nothing from the state", async () => {
  const recorded = Object.keys(world.resources());
  world.describe({ ...house, hypervisor: { endpoint: "https://127.0.0.1:9" } });
  expect(await world.pulumi(["refresh", "--yes", "--skip-preview"], 1)).toMatch(/127\.0\.0\.1:9/);
  expect(Object.keys(world.resources())).toEqual(recorded);
});
