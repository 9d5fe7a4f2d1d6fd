/** What leaves the house is forgotten; destroying takes a word said earlier, and a VM at rest. */
import { openWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const NODE = "/nodes/infinity-node";

const vm = (vmid: number, more: object = {}) => ({
  vmid,
  cpu: { cores: 1 },
  memory: "1GiB",
  disks: { scsi0: { storage: "local-lvm", size: "4GiB" } },
  ...more,
});

const keeper = vm(100);
const house = (vms: object): Sections => ({ vms: { keeper, ...vms } });

let world: World;
const exists = async (vmid: number) =>
  (await world.hands.get<{ vmid: number }[]>(`${NODE}/qemu`)).some((found) => found.vmid === vmid);
const volumes = (vmid: number) => world.hands.get<{ volid: string }[]>(`${NODE}/storage/local-lvm/content`, { vmid });

beforeAll(async () => {
  world = await openWorld("removal", house({}));
});
afterAll(() => world.close());

test("a VM taken out of the house is forgotten, and keeps its disks", async () => {
  world.describe(house({ other: vm(101) }));
  await world.up();
  world.describe(house({}));
  await world.up();
  expect(await exists(101)).toBe(true);
  expect(await volumes(101)).toHaveLength(1);
  expect(Object.keys(world.resources()).filter((urn) => urn.endsWith("::other"))).toEqual([]);
});

test("a VM said to be deletable in an earlier up is destroyed with its disks", async () => {
  world.describe(house({ other: vm(102, { deletable: true }) }));
  await world.up();
  world.describe(house({}));
  await world.up();
  expect(await exists(102)).toBe(false);
  expect(await volumes(102)).toHaveLength(0);
});

test.each([
  ["running", { state: "running" }, /running/],
  ["protected", { protection: true }, /protect/],
])("a deletable VM that is %s is refused, with the fix", async (what, more, message) => {
  const vmid = what === "running" ? 103 : 104;
  world.describe(house({ other: vm(vmid, { deletable: true, ...more }) }));
  await world.up();
  world.describe(house({}));
  expect(await world.pulumi(["up", "--yes", "--skip-preview"], 1)).toMatch(message);
  expect(await exists(vmid)).toBe(true);
  if (what === "running") await world.hands.task(await world.hands.post<string>(`${NODE}/qemu/${vmid}/status/stop`));
  else await world.hands.put(`${NODE}/qemu/${vmid}/config`, { protection: 0 });
  await world.up();
  expect(await exists(vmid)).toBe(false);
});

test("a VM that is there already and isn't this house's is not touched", async () => {
  await world.hands.task(await world.hands.post<string>(`${NODE}/qemu`, { vmid: 105, name: "strangers", memory: 512 }));
  const before = await world.hands.get(`${NODE}/qemu/105/config`);
  world.describe(house({ other: vm(105) }));
  expect(await world.pulumi(["up", "--yes", "--skip-preview"], 1)).toMatch(/105.*strangers|strangers.*105/s);
  expect(await world.hands.get(`${NODE}/qemu/105/config`)).toEqual(before);
});

test("destroy of the whole stack leaves Proxmox as it is", async () => {
  world.describe(house({}));
  await world.pulumi(["destroy", "--yes", "--skip-preview"]);
  expect(await exists(100)).toBe(true);
});
