/** Disks that begin with an image or a volume, and disks that move: against the lab's Proxmox. */
import type { Lifecycle } from "../../../../providers/lifecycle";
import type { VmSpec } from "../../../../providers/proxmox/vm/args";
import { checkVm } from "../../../../providers/proxmox/vm/check";
import type { VmInputs, VmState } from "../../../../providers/proxmox/vm/inputs";
import { vmLifecycle } from "../../../../providers/proxmox/vm/lifecycle";
import { vmListing } from "../../../../providers/proxmox/vm/listing";
import { startLab, type Lab } from "../lab";

const GIB = 1024 ** 3;
const image = { name: "debian", volume: "local:import/debian-12.qcow2" };

let lab: Lab;
let vm: Lifecycle<VmInputs, VmState>;
let told: string[];

beforeEach(async () => {
  lab = await startLab();
  told = [];
  vm = vmLifecycle({ client: () => lab.client, rootLogin: () => false, tell: (text) => told.push(text) });
  const { world } = lab.proxmox;
  world.volumes[image.volume] = {
    ...{ volid: image.volume, storage: "local", content: "import", format: "qcow2" },
    ...{ size: 3 * GIB, fileSize: 400_000_000, ctime: 1 },
  };
  world.storages.NAS = { storage: "NAS", type: "dir", properties: { path: "/mnt/NAS", content: "images" } };
  await lab.client.get("/version");
  lab.calls();
});
afterEach(() => lab.close());

function inputs(disks: VmSpec["disks"], more: Partial<VmSpec> = {}, olds: Partial<VmInputs> = {}): VmInputs {
  const spec: VmSpec = {
    node: "infinity-node",
    vmid: 100,
    uuid: "5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9b10",
    name: "media",
    memory: "2GiB",
    disks,
    ...more,
  };
  const { inputs: checked, failures } = checkVm(olds, spec, () => false);
  expect(failures).toEqual([]);
  return checked;
}

const world = () => lab.proxmox.world;
const config = (): Readonly<Record<string, string>> => world().vms[100]?.config ?? {};
const volumes = (): Record<string, number> =>
  Object.fromEntries(
    Object.values(world().volumes).flatMap(({ volid, size, content }) =>
      content === "images" ? [[volid, size / GIB] as const] : [],
    ),
  );

async function expectSettled(state: VmState, wanted: VmInputs): Promise<void> {
  vmListing.forget(lab.client);
  expect((await vm.read("100", state)).inputs).toEqual(wanted);
  lab.calls();
  await vm.update("100", state, wanted);
  expect(lab.writes()).toEqual({});
}

describe("a disk made from an image", () => {
  const disks = { scsi0: { storage: "local-lvm", size: "8GiB", image, discard: true } } as const;

  test("is imported, grown, and only then is the VM started", async () => {
    const wanted = inputs(disks, { power: "running" });
    const { outs } = await vm.create(wanted);
    const order = lab.proxmox.calls.list
      .filter(({ method }) => method !== "GET")
      .map(({ kind }) => kind.split("/").at(-1));
    expect(order).toEqual(["ticket", "qemu", "resize", "start"].slice(-order.length));
    expect(lab.proxmox.calls.list.find(({ kind }) => kind.endsWith("/qemu"))?.params.scsi0).toBe(
      "local-lvm:0,discard=on,import-from=local:import/debian-12.qcow2",
    );
    expect(config().scsi0).toBe("local-lvm:vm-100-disk-0,discard=on,size=8G");
    expect(outs.status).toBe("running");
    await expectSettled(outs, wanted);
  });

  test("is added to a VM that runs", async () => {
    const { outs } = await vm.create(inputs({ scsi0: { storage: "local-lvm", size: "1GiB" } }, { power: "running" }));
    const wanted = inputs({ scsi0: { storage: "local-lvm", size: "1GiB" }, scsi1: disks.scsi0 }, { power: "running" });
    const updated = await vm.update("100", outs, wanted);
    expect(volumes()).toEqual({ "local-lvm:vm-100-disk-0": 1, "local-lvm:vm-100-disk-1": 8 });
    await expectSettled(updated.outs, wanted);
  });

  test("that is larger than the house says keeps its size, and that is said", async () => {
    await vm.create(inputs({ scsi0: { ...disks.scsi0, size: "2GiB" } }));
    expect(told.join()).toContain("disks.scsi0.size: 2GiB: the disk has 3GiB by now and can't shrink - write 3GiB");
  });

  test("whose file is missing makes no VM", async () => {
    Reflect.deleteProperty(world().volumes, image.volume);
    await expect(vm.create(inputs(disks))).rejects.toThrow("VM 100 (media)");
    expect(world().vms).toEqual({});
    expect(volumes()).toEqual({});
  });

  test("by a run that was cut off is waited for and not made twice", async () => {
    const { outs } = await vm.create(inputs({ scsi0: { storage: "local-lvm", size: "1GiB" } }));
    const wanted = inputs({ scsi0: { storage: "local-lvm", size: "1GiB" }, scsi1: disks.scsi0 });
    lab.proxmox.faults.add({ match: { method: "POST", path: /config$/ }, kind: "task-hangs", forMs: 200 });
    lab.proxmox.faults.add({ match: { method: "POST", path: /config$/ }, kind: "drop-after" });
    await expect(vm.update("100", outs, wanted)).rejects.toThrow("VM 100");
    lab.calls();
    await vm.update("100", outs, wanted);
    expect(lab.writes()).toEqual({ "PUT /nodes/{node}/qemu/{vmid}/resize": 1 });
    expect(volumes()).toEqual({ "local-lvm:vm-100-disk-0": 1, "local-lvm:vm-100-disk-1": 8 });
  });
});

describe("a disk on another storage", () => {
  test.each(["running", "stopped"] as const)("is moved in place and grown while the VM is %s", async (power) => {
    const { outs } = await vm.create(
      inputs({ scsi0: { storage: "local-lvm", size: "4GiB", backup: false } }, { power }),
    );
    lab.calls();
    const wanted = inputs({ scsi0: { storage: "NAS", size: "6GiB", backup: false } }, { power }, outs);
    const updated = await vm.update("100", outs, wanted);
    expect(lab.writes()).toEqual({
      "POST /nodes/{node}/qemu/{vmid}/move_disk": 1,
      "PUT /nodes/{node}/qemu/{vmid}/resize": 1,
    });
    expect(volumes()).toEqual({ "NAS:100/vm-100-disk-0.raw": 6 });
    expect(config().scsi0).toBe("NAS:100/vm-100-disk-0.raw,backup=0,size=6G");
    expect(updated.outs.status).toBe(power);
    await expectSettled(updated.outs, wanted);
  });

  test("that was moved behind our back is seen, and moved back", async () => {
    const wanted = inputs({ scsi0: { storage: "local-lvm", size: "4GiB" } });
    const { outs } = await vm.create(wanted);
    const elsewhere = await vm.update("100", outs, inputs({ scsi0: { storage: "NAS", size: "4GiB" } }));
    const seen = await vm.read("100", { ...outs, acknowledged: elsewhere.outs.acknowledged });
    expect(seen.inputs?.disks).toEqual({ scsi0: { storage: "NAS", size: "4GiB" } });
    const back = await vm.update("100", seen.props ?? outs, wanted);
    expect(volumes()).toEqual({ "local-lvm:vm-100-disk-0": 4 });
    await expectSettled(back.outs, wanted);
  });

  test("keeps its old volume where snapshots need it", async () => {
    const { outs } = await vm.create(inputs({ scsi0: { storage: "local-lvm", size: "4GiB" } }));
    const live = world().vms[100];
    if (live) live.config.parent = "before";
    const wanted = inputs({ scsi0: { storage: "NAS", size: "4GiB" } });
    const updated = await vm.update("100", outs, wanted);
    expect(config()).toMatchObject({ unused0: "local-lvm:vm-100-disk-0" });
    expect(volumes()).toEqual({ "local-lvm:vm-100-disk-0": 4, "NAS:100/vm-100-disk-0.raw": 4 });
    await expectSettled(updated.outs, wanted);
  });

  test("which holds no disks stays where it is", async () => {
    const { outs } = await vm.create(inputs({ scsi0: { storage: "local-lvm", size: "4GiB" } }));
    const failed = vm.update("100", outs, inputs({ scsi0: { storage: "local", size: "4GiB" } }));
    await expect(failed).rejects.toMatchObject({
      stack: expect.stringContaining("storage 'local' does not support vm images") as string,
    });
    expect(volumes()).toEqual({ "local-lvm:vm-100-disk-0": 4 });
  });
});

describe("a volume that is there", () => {
  const two = {
    scsi0: { storage: "local-lvm", size: "1GiB" },
    scsi1: { storage: "local-lvm", size: "4GiB" },
  } as const;
  const volume = "local-lvm:vm-100-disk-1";
  const elsewhere = { scsi0: two.scsi0, scsi2: { storage: "local-lvm", size: "4GiB", volume } } as const;

  test("goes to another slot of a stopped VM in one call, and is not copied", async () => {
    const { outs } = await vm.create(inputs(two));
    lab.calls();
    const wanted = inputs(elsewhere, {}, outs);
    const updated = await vm.update("100", outs, wanted);
    expect(lab.writes()).toEqual({ "POST /nodes/{node}/qemu/{vmid}/config": 1 });
    expect(config()).toMatchObject({ scsi2: `${volume},size=4G` });
    expect(Object.keys(config()).filter((key) => /^(unused|scsi1)/.test(key))).toEqual([]);
    await expectSettled(updated.outs, wanted);
  });

  test("goes to another slot of a running VM once its guest has let go", async () => {
    const { outs } = await vm.create(inputs(two, { power: "running" }));
    lab.calls();
    const wanted = inputs(elsewhere, { power: "running" }, outs);
    const updated = await vm.update("100", outs, wanted);
    expect(lab.writes()).toEqual({ "POST /nodes/{node}/qemu/{vmid}/config": 2 });
    expect(config()).toMatchObject({ scsi2: `${volume},size=4G` });
    await expectSettled(updated.outs, wanted);
  });

  test("that the guest holds until it is shut down is never in two slots", async () => {
    const { outs } = await vm.create(
      inputs({ scsi0: two.scsi0, sata1: two.scsi1 }, { power: "running", boot: ["scsi0"] }),
    );
    const held = outs.volumes.sata1 ?? "";
    const taken = { scsi0: two.scsi0, scsi2: { ...elsewhere.scsi2, volume: held } };
    const wanted = inputs(taken, { power: "running", boot: ["scsi0"] });
    const updated = await vm.update("100", outs, wanted);
    expect(config().scsi2).toBeUndefined();
    expect(world().vms[100]?.pending.scsi2).toBeUndefined();
    expect(told.join()).toContain(
      `disks.scsi2.volume: ${held}: the running guest has it in sata1 until it is shut down`,
    );
    await lab.client.task(await lab.client.post("/nodes/infinity-node/qemu/100/status/shutdown"));
    const ended = await vm.update("100", updated.outs, wanted);
    expect(config().scsi2).toBe(`${held},size=4G`);
    await expectSettled(ended.outs, wanted);
  });

  test("was detached before, and comes back into a new slot, larger and on another storage", async () => {
    const { outs } = await vm.create(inputs(two));
    const less = await vm.update("100", outs, inputs({ scsi0: two.scsi0 }));
    expect(config().unused0).toBe(volume);
    const wanted = inputs({ scsi0: two.scsi0, scsi5: { storage: "NAS", size: "5GiB", volume } });
    const updated = await vm.update("100", less.outs, wanted);
    expect(volumes()).toEqual({ "local-lvm:vm-100-disk-0": 1, "NAS:100/vm-100-disk-0.raw": 5 });
    await expectSettled(updated.outs, wanted);
  });

  test("is part of a VM that is made anew", async () => {
    world().volumes[volume] = {
      ...{ volid: volume, storage: "local-lvm", vmid: 100, content: "images", format: "raw" },
      ...{ size: 4 * GIB, ctime: 1 },
    };
    const wanted = inputs({ scsi0: { storage: "local-lvm", size: "4GiB", volume } });
    const { outs } = await vm.create(wanted);
    expect(volumes()).toEqual({ [volume]: 4 });
    await expectSettled(outs, wanted);
  });

  test("in a slot that the house keeps is refused", async () => {
    const { outs } = await vm.create(inputs(two));
    const failed = vm.update("100", outs, inputs({ ...two, ...elsewhere }));
    await expect(failed).rejects.toMatchObject({
      stack: expect.stringContaining("scsi1 holds it, and a volume has one slot - take scsi1 out") as string,
    });
  });

  test.each([
    [
      "another VM's",
      "local-lvm:vm-101-disk-0",
      "is VM 101's - give it to this VM first: on the node, qm disk move 101",
    ],
    ["a file", "local:iso/a.iso", "is no VM's disk"],
  ])("must not be %s", (_, other, said) => {
    const disks = { scsi0: { storage: "local-lvm", size: "4GiB", volume: other } } as const;
    const { failures } = checkVm({}, { ...inputs({}), disks }, () => false);
    expect(failures).toEqual([{ property: "disks.scsi0.volume", reason: expect.stringContaining(said) as string }]);
  });
});
