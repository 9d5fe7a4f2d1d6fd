/** VMs that are made as copies of a template or of another VM, against the lab's Proxmox. */
import type { VmSpec } from "../../../../providers/proxmox/vm/args";
import { checkVm } from "../../../../providers/proxmox/vm/check";
import type { VmInputs } from "../../../../providers/proxmox/vm/inputs";
import { vmLifecycle } from "../../../../providers/proxmox/vm/lifecycle";
import { cloneMark } from "../../../../providers/proxmox/vm/ownership";
import { startLab, type Lab } from "../lab";

const NODE = "infinity-node";
const UUID = "5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9b10";

let lab: Lab;
let told: string[];
const machines = () =>
  vmLifecycle({ client: () => lab.client, rootLogin: () => false, tell: (text) => told.push(text) });
const world = () => lab.proxmox.world;
const config = (vmid: number): Readonly<Record<string, string>> => world().vms[vmid]?.config ?? {};

function inputs(more: Partial<VmSpec> = {}, olds: Partial<VmInputs> = {}): VmInputs {
  const spec: VmSpec = {
    node: NODE,
    vmid: 100,
    uuid: UUID,
    name: "media",
    memory: "2GiB",
    clone: { from: 9000 },
    disks: { scsi0: { storage: "local-lvm", size: "3GiB" } },
    nics: { net0: { bridge: "vmbr0" } },
    ...more,
  };
  const { inputs: checked, failures } = checkVm(olds, spec, () => false);
  expect(failures).toEqual([]);
  return checked;
}

async function done(upid: Promise<string>): Promise<void> {
  await lab.client.task(await upid);
}

beforeEach(async () => {
  lab = await startLab();
  told = [];
  world().storages.NAS = { storage: "NAS", type: "dir", properties: { path: "/mnt/NAS", content: "images" } };
  const template = {
    ...{ vmid: 9000, name: "debian-template", memory: 1024, cores: 1, description: "the template", tags: "base" },
    ...{ scsi0: "local-lvm:3,discard=on", ide2: "local-lvm:cloudinit", net0: "virtio,bridge=vmbr0", ciuser: "evan" },
    ...{ scsihw: "virtio-scsi-single", serial0: "socket" },
  };
  await done(lab.client.post(`/nodes/${NODE}/qemu`, template));
  await done(lab.client.post(`/nodes/${NODE}/qemu/9000/template`));
  lab.calls();
});
afterEach(() => lab.close());

test("a linked clone shares the template's disk, is ours from the first call on, and then is the house's", async () => {
  const wanted = inputs({ description: "films", cpu: { cores: 2 }, power: "running" });
  const { outs } = await machines().create(wanted);
  const clone = lab.proxmox.calls.list.find(({ kind }) => kind.endsWith("/clone"));
  expect(clone?.params).toEqual({ newid: "100", name: "media", description: cloneMark(UUID) });
  expect(config(100)).toMatchObject({
    scsi0: "local-lvm:vm-100-disk-0,size=3G",
    ...{ name: "media", description: "films", memory: "2048", cores: "2", ciuser: "evan", serial0: "socket" },
    smbios1: `uuid=${UUID}`,
  });
  expect(config(100).net0).not.toBe(config(9000).net0);
  expect(config(9000)).toMatchObject({ template: "1", scsi0: "local-lvm:base-9000-disk-0,discard=on,size=3G" });
  expect(outs).toMatchObject({ status: "running", clone: { from: 9000 }, pending: [] });
  lab.calls();
  expect((await machines().read("100", outs)).inputs).toEqual(wanted);
  await machines().update("100", outs, wanted);
  expect(lab.writes()).toEqual({});
});

test("a full clone is copied once, to where the house wants its disks, and grown", async () => {
  const disks = { scsi0: { storage: "NAS", size: "5GiB" } } as const;
  const { outs } = await machines().create(inputs({ clone: { from: 9000, full: true }, disks }));
  expect(lab.writes()).toMatchObject({ "POST /nodes/{node}/qemu/{vmid}/clone": 1 });
  expect(config(100).scsi0).toBe("NAS:100/vm-100-disk-0.raw,size=5G");
  expect(Object.keys(world().volumes).filter((volume) => volume.includes("100-disk"))).toEqual([
    "NAS:100/vm-100-disk-0.raw",
  ]);
  expect(outs.volumes).toEqual({ scsi0: "NAS:100/vm-100-disk-0.raw" });
});

test("the template's notes don't stay, nor does the mark, where the house has none", async () => {
  await machines().create(inputs());
  expect(config(100)).not.toHaveProperty("description");
  expect(config(100).smbios1).toBe(`uuid=${UUID}`);
});

test.each([
  ["made", () => undefined],
  [
    "given our uuid",
    () => {
      const vm = world().vms[100];
      if (vm) vm.config.smbios1 = `manufacturer=YQ==,uuid=${UUID}`;
    },
  ],
])("a run that was cut off when it was %s goes on with it", async (_, more) => {
  const body = { newid: 100, name: "media", description: cloneMark(UUID), full: true };
  await done(lab.client.post(`/nodes/${NODE}/qemu/9000/clone`, body));
  more();
  const { outs } = await machines().create(inputs());
  expect(config(100).smbios1).toContain(`uuid=${UUID}`);
  expect(config(100)).not.toHaveProperty("description");
  lab.calls();
  await machines().update("100", outs, inputs());
  expect(lab.writes()).toEqual({});
});

test.each([
  ["somebody's own clone", "the template"],
  ["another stack's clone", cloneMark("00000000-9a54-4b39-8a2f-6a4f0c0f9b10")],
])("%s under the VMID is left alone and named", async (_, description) => {
  await done(lab.client.post(`/nodes/${NODE}/qemu/9000/clone`, { newid: 100, name: "theirs", description }));
  const before = structuredClone(world().vms[100]);
  lab.calls();
  await expect(machines().create(inputs())).rejects.toMatchObject({
    stack: expect.stringContaining("(theirs) is not this house's") as string,
  });
  expect(world().vms[100]).toEqual(before);
});

test("a copy that Proxmox is at work on is waited for, and a source that is being copied too", async () => {
  lab.proxmox.faults.add({ match: { method: "POST", path: /clone$/ }, kind: "task-hangs", forMs: 300 });
  const first = machines().create(inputs());
  const second = machines().create(inputs({ vmid: 101, name: "other", uuid: UUID.replace("b10", "b11") }));
  await Promise.all([first, second]);
  expect(config(100).name).toBe("media");
  expect(config(101).name).toBe("other");
});

test("a clone that fails leaves nothing, and says why", async () => {
  const failed = machines().create(inputs({ clone: { from: 9001 } }));
  await expect(failed).rejects.toMatchObject({
    stack: expect.stringContaining("unable to find configuration file for VM 9001") as string,
  });
  const full = world().volumes["local-lvm:base-9000-disk-0"];
  Reflect.deleteProperty(world().volumes, "local-lvm:base-9000-disk-0");
  await expect(machines().create(inputs())).rejects.toThrow("VM 100 (media)");
  expect(world().vms[100]).toBeUndefined();
  if (full) world().volumes["local-lvm:base-9000-disk-0"] = full;
  await machines().create(inputs());
  expect(config(100).name).toBe("media");
});

test("what a VM began as counts once", () => {
  const plain = inputs({ clone: undefined });
  const refused = (olds: VmInputs, clone: VmSpec["clone"]) =>
    checkVm(olds, { ...plain, clone }, () => false).failures.map(({ property, reason }) => `${property}: ${reason}`);
  expect(refused(plain, { from: 9000 })).toEqual([
    "clone.from: 9000: the VM is there already, and is no clone - leave it out",
  ]);
  expect(refused(inputs(), { from: 9001 })).toEqual([
    "clone.from: 9001: the VM is there already, a clone of 9000 - write 9000, or leave it out",
  ]);
  expect(refused(inputs(), undefined)).toEqual([]);
  expect(refused({} as VmInputs, { from: 100 })[0]).toContain("is this VM itself");
  expect(refused({} as VmInputs, { from: 9000, full: false, storage: "NAS" })[0]).toContain(
    "a linked clone lies where",
  );
});
