/** The resources through the SDK's own provider process: what the engine would see, byte by byte, without the engine. */
import { startProvider, type Failure, type ProviderProcess } from "../support/providerProcess";
import { startLab, type Lab } from "./proxmox/lab";

const MODULE = "providers/proxmox/vm/lifecycle";
/** The engine compares the inputs itself. */
const DIFF_UNKNOWN = 0;

let lab: Lab;
let vm: ProviderProcess;

beforeAll(async () => {
  lab = await startLab();
  vm = await startProvider(MODULE, lab.env("token"));
}, 30_000);

afterAll(async () => {
  await vm.stop();
  await lab.close();
});

const spec = (vmid: number, more: object = {}) => ({
  node: "infinity-node",
  vmid,
  uuid: `5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9${vmid}`,
  name: `vm-${vmid}`,
  memory: "1024MiB",
  disks: { scsi0: { size: "2048MiB", storage: "local-lvm", ssd: false } },
  nics: { net0: { bridge: "vmbr0" } },
  ...more,
});

async function checked(vmid: number, more: object = {}) {
  const { inputs, failures } = await vm.check({}, spec(vmid, more));
  expect(failures).toEqual([]);
  return inputs;
}

/** The failure that the engine is told of. */
async function failure(call: Promise<unknown>): Promise<Failure> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error as Failure,
  );
  if (outcome === undefined) throw new Error("it succeeded");
  return outcome;
}

describe("the provider process", () => {
  test("makes many VMs that arrive at once as its first calls", async () => {
    const inputs = await Promise.all([100, 101, 102, 103, 104, 105].map((vmid) => checked(vmid)));
    const made = await Promise.all(inputs.map((one) => vm.create(one)));
    expect(made.map(({ id }) => id)).toEqual(["100", "101", "102", "103", "104", "105"]);
    expect(Object.keys(lab.proxmox.world.vms)).toHaveLength(6);
    const read = await Promise.all(made.map(({ id, properties }) => vm.read(id, properties)));
    expect(read.map((one) => one.inputs)).toEqual(inputs);
    expect(read.map(({ properties }) => properties)).toEqual(made.map(({ properties }) => properties));
  });

  test("leaves it to the engine to find what changed, and replaces nothing", async () => {
    const { inputs } = await vm.check({}, spec(100));
    const changed = { ...inputs, memory: "2GiB", vmid: 999 };
    expect(await vm.diff("100", inputs, changed)).toEqual({ changes: DIFF_UNKNOWN, replaces: [] });
  });

  test("tells what is wrong with an input, property by property", async () => {
    const { failures } = await vm.check(
      {},
      spec(106, { memory: "8192", nics: { net0: { bridge: "vmbr0", vlan: 5000 } } }),
    );
    expect(failures).toEqual([
      { property: "memory", reason: expect.stringContaining("8192: a size is a number with a unit") as string },
      { property: "nics.net0.vlan", reason: expect.stringContaining("5000: a VLAN tag is 1-4094") as string },
    ]);
  });

  test("refuses a disk of the host to today's token, in the preview", async () => {
    const { failures } = await vm.check({}, spec(106, { disks: { scsi1: { path: "/dev/disk/by-id/x" } } }));
    expect(failures.map(({ property }) => property)).toEqual(["disks.scsi1.path"]);
  });

  test("says what Proxmox refused in one sentence, without a stack", async () => {
    const inputs = await checked(107, { disks: { scsi0: { storage: "nosuch", size: "1GiB" } } });
    const { message, made } = await failure(vm.create(inputs));
    expect(message).toContain("VM 107 (vm-107): ");
    expect(message).toContain("storage 'nosuch' does not exist");
    expect(made).toBeUndefined();
    expect(vm.stderr()).not.toMatch(/\n\s+at /);
  });

  test("hands the engine what it needs to go on with a VM that was made and then failed", async () => {
    const inputs = await checked(108, { power: "running", nics: { net0: { bridge: "vmbr77" } } });
    const { made } = await failure(vm.create(inputs));
    expect(made).toMatchObject({ id: "108", properties: { vmid: 108, status: "stopped" } });
    const { __provider, ...state } = made?.properties ?? {};
    expect(__provider).toContain(MODULE);
    const after = await vm.update("108", state, await checked(108, { power: "running" }));
    expect(after).toMatchObject({ status: "running" });
  });

  test("tells gone from unreachable, and prints neither a stack nor a secret", async () => {
    const { properties } = await vm.create(await checked(109));
    lab.proxmox.faults.add({
      match: { path: /109\/pending/ },
      kind: "status",
      status: 403,
      text: "Permission check failed",
    });
    const { message } = await failure(vm.read("109", properties));
    expect(message).toContain("Permission check failed");
    Reflect.deleteProperty(lab.proxmox.world.vms, 109);
    expect(await vm.read("109", properties)).toMatchObject({ id: "109", properties: { gone: true } });
    expect(vm.stderr()).not.toMatch(/\n\s+at /);
    expect(vm.stderr()).not.toContain("11111111-2222");
  });

  test("warns of what waits for a reboot where people see it", async () => {
    const inputs = await checked(110, { power: "running" });
    const { properties } = await vm.create(inputs);
    const after = await vm.update("110", properties, { ...inputs, memory: "2GiB" });
    expect(after).toMatchObject({ pending: ["memory"], status: "running" });
    expect(vm.stderr()).toContain("VM 110 (vm-110): memory: takes effect at its next start");
  });
});

test("a process with today's token reads and destroys what was made with one that is revoked by now", async () => {
  const { properties } = await vm.create(await checked(111, { deletable: true }));
  const tokens = lab.proxmox.world.tokens;
  const before = { ...tokens };
  Reflect.deleteProperty(tokens, "root@pam!lab");
  tokens["root@pam!new"] = { secret: "99999999-8888-7777-6666-555555555555", privsep: false };
  const config = JSON.parse(lab.env("token").PULUMI_CONFIG ?? "{}") as { hypervisor: string };
  const hypervisor = {
    ...(JSON.parse(config.hypervisor) as object),
    apiToken: "root@pam!new=99999999-8888-7777-6666-555555555555",
  };
  const today = await startProvider(MODULE, {
    PULUMI_CONFIG: JSON.stringify({ hypervisor: JSON.stringify(hypervisor) }),
  });
  try {
    expect((await failure(vm.read("111", properties))).message).toContain("401");
    expect((await today.read("111", properties)).properties).toEqual(properties);
    await today.delete("111", properties);
    expect(lab.proxmox.world.vms[111]).toBeUndefined();
  } finally {
    Object.assign(tokens, before);
    await today.stop();
  }
}, 30_000);
