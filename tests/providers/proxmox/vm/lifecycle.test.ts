/** The life of a VM against the lab's Proxmox. */
import { checkVm } from "../../../../providers/proxmox/vm/check";
import type { VmInputs, VmState } from "../../../../providers/proxmox/vm/inputs";
import { vmLifecycle } from "../../../../providers/proxmox/vm/lifecycle";
import { startLab, type Lab } from "../lab";
import { CONFIG, NODE, UUID, vmFixture, type VmFixture } from "./fixture";

const SPEC = {
  name: "ininity-node-emby",
  memory: "8GiB",
  balloon: "4GiB",
  cpu: { cores: 2, type: "x86-64-v2-AES" },
  disks: { scsi0: { storage: "local-lvm", size: "82GiB" }, scsi1: { storage: "local-lvm", size: "32GiB" } },
  nics: { net0: { bridge: "vmbr0" } },
};

let lab: Lab;
let vm: VmFixture["vm"];
let reread: VmFixture["look"];
let inputs: VmFixture["inputs"];
let world: VmFixture["kept"];
let told: string[];

beforeEach(async () => {
  lab = await startLab();
  ({ vm, look: reread, inputs, kept: world, told } = vmFixture(lab, SPEC));
  await lab.client.get("/version");
  lab.calls();
});

afterEach(() => lab.close());

async function made(more: object = {}): Promise<VmState> {
  const { outs } = await vm.create(inputs(more));
  lab.calls();
  return outs;
}

describe("creating a VM", () => {
  test("takes four calls at most with two disks, its start included", async () => {
    const { id, outs } = await vm.create(inputs({ power: "running" }));
    const calls = lab.calls();
    expect(Object.values(calls).reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(4);
    expect(calls["POST /nodes/{node}/qemu"]).toBe(1);
    expect(id).toBe("100");
    expect(outs).toMatchObject({ status: "running", pending: [], volumes: { scsi0: "local-lvm:vm-100-disk-0" } });
    expect(outs.macs.net0).toMatch(/^BC:24:11(:[0-9A-F]{2}){3}$/);
  });

  test("leaves nothing to change for the next look or the next update", async () => {
    const wanted = inputs({
      power: "running",
      tags: ["media", "critical"],
      description: "Media server\nüber <b>",
      agent: true,
      startAtBoot: true,
      startup: { order: 2, upDelay: 30 },
      protection: true,
      boot: ["scsi0", "net0"],
      nics: { net0: { bridge: "vmbr0", vlan: 20, firewall: true }, net1: { bridge: "vmbr0", model: "e1000" } },
      cloudInit: {
        storage: "local-lvm",
        user: "evan",
        sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB22T7mSdupIDLmTNnaPfhO9fP0xN4jMTY4ger6jaZMN it's (evan)"],
        addresses: { net0: { address: "192.168.86.172/24", gateway: "192.168.86.1" } },
        nameservers: ["192.168.86.1"],
        searchDomain: "lan",
      },
    });
    const { outs } = await vm.create(wanted);
    const seen = await reread(outs);
    expect(JSON.stringify(seen.inputs)).toBe(JSON.stringify(wanted));
    expect(JSON.stringify(seen.props)).toBe(JSON.stringify(outs));
    lab.calls();
    await vm.update("100", outs, wanted);
    expect(lab.writes()).toEqual({});
  });

  test("refuses a VMID that is somebody else's, by name, and touches nothing", async () => {
    await made();
    const before = JSON.stringify(world().config);
    const other = inputs({ uuid: "00000000-9a54-4b39-8a2f-6a4f0c0f9b10" });
    await expect(vm.create(other)).rejects.toThrow(
      /VM 100 on node infinity-node \(ininity-node-emby\) is not this house's: its uuid is 5dd5c0b8.*Nothing was changed/s,
    );
    expect(JSON.stringify(world().config)).toBe(before);
  });

  test("goes on with what a run left that was killed before it could be recorded", async () => {
    lab.proxmox.faults.add({ match: { method: "POST", path: /\/qemu$/ }, kind: "drop-after" });
    const wanted = inputs({ power: "running" });
    await expect(vm.create(wanted)).rejects.toThrow("VM 100 (ininity-node-emby): ");
    const { outs } = await vm.create(wanted);
    expect(Object.keys(lab.proxmox.world.vms)).toEqual(["100"]);
    expect(Object.keys(lab.proxmox.world.volumes)).toHaveLength(2);
    expect((await reread(outs)).inputs).toEqual(wanted);
    expect(outs.status).toBe("running");
  });

  test("records a VM whose start failed, so that the next run goes on with it", async () => {
    const wanted = inputs({ power: "running", nics: { net0: { bridge: "vmbr77" } } });
    const failure: { id?: string; properties?: Record<string, unknown>; reasons?: string[]; message?: string } =
      await vm
        .create({ ...wanted, __provider: "text" } as VmInputs)
        .then(() => ({}))
        .catch((error: unknown) => error as object);
    expect(failure.id).toBe("100");
    expect(failure.properties).toMatchObject({ vmid: 100, status: "stopped", __provider: "text" });
    expect(failure.message).toContain("vmbr77");
    expect(failure.reasons).toEqual([failure.message]);
  });

  test("leaves nothing behind where Proxmox refuses it, and says what Proxmox said", async () => {
    const wanted = inputs({ disks: { scsi0: { storage: "nosuch", size: "1GiB" } } });
    const error = await vm.create(wanted).catch((thrown: unknown) => thrown as Error);
    if (!(error instanceof Error)) throw new Error("it was created");
    // What the dynamic-provider process prints.
    const printed = `${error.toString()}: ${error.stack ?? ""}`;
    expect(printed).toContain("VM 100 (ininity-node-emby)");
    expect(printed).toContain("storage 'nosuch' does not exist");
    expect(printed).not.toMatch(/\n\s+at /);
    expect(lab.proxmox.world.vms[100]).toBeUndefined();
  });
});

describe("reading", () => {
  test("takes one call a VM and one for all of them", async () => {
    const states = await Promise.all(
      [...Array(8).keys()].map(async (n) => {
        const one = inputs({
          vmid: 100 + n,
          uuid: UUID.replace("5dd5c0b8", `5dd5c0b${n}`),
          disks: {},
          power: "stopped",
        });
        return (await vm.create(one)).outs;
      }),
    );
    lab.calls();
    const seen = await Promise.all(states.map((state) => vm.read(String(state.vmid), state)));
    expect(seen.map(({ id }) => id)).toEqual(states.map(({ vmid }) => String(vmid)));
    expect(lab.calls()).toEqual({ "GET /cluster/resources": 1, "GET /nodes/{node}/qemu/{vmid}/pending": 8 });
  });

  test("marks a VM that is gone, and is an error where that can't be known", async () => {
    const state = await made();
    lab.proxmox.faults.add({ match: { path: "/cluster/resources" }, kind: "status", status: 403, text: "no" });
    await expect(vm.read("100", state)).rejects.toThrow("403");
    lab.proxmox.faults.add({
      match: { path: /pending/ },
      kind: "status",
      status: 403,
      text: "Permission check failed",
    });
    await expect(reread(state)).rejects.toThrow("Permission check failed");
    Reflect.deleteProperty(lab.proxmox.world.vms, 100);
    expect((await reread(state)).inputs).toEqual({ ...inputs(), gone: true });
  });

  test("does not take a stranger's VM for ours", async () => {
    const state = await made();
    world().config.smbios1 = "uuid=00000000-0000-0000-0000-000000000000";
    await expect(reread(state)).rejects.toThrow("is not this house's");
    await expect(vm.update("100", state, inputs({ memory: "9GiB" }))).rejects.toThrow("is not this house's");
    await expect(vm.delete("100", { ...state, deletable: true })).rejects.toThrow("is not this house's");
    expect(world().config.memory).toBe("8192");
  });

  test("sees what another process of ours changed a moment ago", async () => {
    const state = await made({ power: "running" });
    await vm.read("100", state);
    const { outs } = await vm.update("100", state, inputs({ power: "stopped" }));
    expect((await vm.read("100", outs)).inputs?.power).toBe("stopped");
  });
});

/** Edits behind the house's back, as a person makes them: what is sent, and the property that has to show it. */
const EDITS: readonly [string, Record<string, string | number>, (seen: VmInputs) => unknown, unknown][] = [
  ["cores", { cores: 8 }, (seen) => seen.cpu?.cores, 8],
  ["sockets", { sockets: 2 }, (seen) => seen.cpu?.sockets, 2],
  ["CPU type", { cpu: "host" }, (seen) => seen.cpu?.type, "host"],
  ["memory", { memory: 6144 }, (seen) => seen.memory, "6GiB"],
  ["balloon", { balloon: 1024 }, (seen) => seen.balloon, "1GiB"],
  ["ballooning off", { balloon: 0 }, (seen) => seen.balloon, "0B"],
  ["name", { name: "other" }, (seen) => seen.name, "other"],
  ["tags", { tags: "x" }, (seen) => seen.tags, ["x"]],
  ["no tags", { delete: "tags" }, (seen) => seen.tags, []],
  ["description", { description: "mine" }, (seen) => seen.description, "mine"],
  ["start at boot", { onboot: 0 }, (seen) => seen.startAtBoot, false],
  ["start-up order", { startup: "order=9" }, (seen) => seen.startup, { order: 9 }],
  ["agent", { delete: "agent" }, (seen) => seen.agent, false],
  ["boot order", { boot: "order=net0" }, (seen) => seen.boot, ["net0"]],
  ["machine", { machine: "q35" }, (seen) => seen.machine, "q35"],
  ["BIOS", { bios: "ovmf" }, (seen) => seen.bios, "ovmf"],
  ["OS type", { ostype: "other" }, (seen) => seen.osType, "other"],
  ["controller", { scsihw: "lsi" }, (seen) => seen.scsiController, "lsi"],
  ["a NIC's bridge", { net0: "virtio=BC:24:11:00:00:01,bridge=vmbr1" }, (seen) => seen.nics?.net0?.bridge, "vmbr1"],
  ["a NIC's VLAN", { net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=7" }, (seen) => seen.nics?.net0?.vlan, 7],
  ["a NIC's model", { net0: "e1000=BC:24:11:00:00:01,bridge=vmbr0" }, (seen) => seen.nics?.net0?.model, "e1000"],
  [
    "a NIC's firewall",
    { net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1" },
    (seen) => seen.nics?.net0?.firewall,
    true,
  ],
  [
    "a named MAC",
    { net0: "virtio=BC:24:11:00:00:99,bridge=vmbr0" },
    (seen) => seen.nics?.net0?.mac,
    "BC:24:11:00:00:99",
  ],
  ["a NIC gone", { delete: "net1" }, (seen) => seen.nics?.net1, undefined],
  ["a disk's option", { scsi1: "local-lvm:vm-100-disk-1,ssd=1" }, (seen) => seen.disks?.scsi1?.ssd, true],
  [
    "a disk left out of backups",
    { scsi1: "local-lvm:vm-100-disk-1,backup=0" },
    (seen) => seen.disks?.scsi1?.backup,
    false,
  ],
  ["a disk detached", { delete: "scsi1" }, (seen) => seen.disks?.scsi1, undefined],
  ["cloud-init's user", { ciuser: "root" }, (seen) => seen.cloudInit?.user, "root"],
  ["cloud-init's name servers", { nameserver: "9.9.9.9" }, (seen) => seen.cloudInit?.nameservers, ["9.9.9.9"]],
  ["cloud-init's address", { ipconfig0: "ip=dhcp" }, (seen) => seen.cloudInit?.addresses?.net0, { address: "dhcp" }],
  ["cloud-init's keys", { delete: "sshkeys" }, (seen) => seen.cloudInit?.sshKeys, []],
  ["cloud-init's drive", { delete: "ide2" }, (seen) => seen.cloudInit?.storage, undefined],
  ["protection", { protection: 0 }, (seen) => seen.protection, false],
];

const FULL = {
  tags: ["media"],
  description: "house",
  startAtBoot: true,
  startup: { order: 2, upDelay: 30 },
  agent: true,
  boot: ["scsi0", "net0"],
  machine: "pc-i440fx-9.2+pve1",
  bios: "seabios",
  osType: "l26",
  scsiController: "virtio-scsi-single",
  protection: false,
  nics: { net0: { bridge: "vmbr0", mac: "BC:24:11:00:00:01" }, net1: { bridge: "vmbr0" } },
  cloudInit: {
    storage: "local-lvm",
    user: "evan",
    sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB22T7mSdupIDLmTNnaPfhO9fP0xN4jMTY4ger6jaZMN evan"],
    addresses: { net0: { address: "192.168.86.172/24", gateway: "192.168.86.1" } },
    nameservers: ["192.168.86.1"],
  },
};

describe("an edit behind the house's back", () => {
  test.each(EDITS)("of %s shows in that property, and is put back", async (edited, sent, property, value) => {
    const wanted = inputs({ ...FULL, protection: edited === "protection" });
    const { outs } = await vm.create(wanted);
    const volumes = JSON.stringify(outs.volumes);
    await lab.client.put(CONFIG, sent);
    const seen = await reread(outs);
    expect(property(seen.inputs)).toEqual(value);
    expect(JSON.stringify(seen.inputs)).not.toBe(JSON.stringify(wanted));

    const { failures } = checkVm(seen.inputs, wanted, () => true);
    expect(failures).toEqual([]);
    const after = await vm.update("100", seen.props, wanted);
    expect((await reread(after.outs)).inputs).toEqual(wanted);
    expect(JSON.stringify(after.outs.volumes).startsWith(volumes.slice(0, -1))).toBe(true);
    expect(after.outs.macs).toEqual(outs.macs);
    lab.calls();
    await vm.update("100", after.outs, wanted);
    expect(lab.writes()).toEqual({});
  });

  test("of what the house leaves out outlasts every change of the house", async () => {
    const state = await made();
    await lab.client.put(CONFIG, {
      onboot: 1,
      tags: "mine",
      vga: "std,memory=32",
      scsi0: "local-lvm:vm-100-disk-0,mbps_rd=100",
    });
    const { outs } = await vm.update("100", state, inputs({ cpu: { cores: 4, type: "x86-64-v2-AES" } }));
    await vm.update(
      "100",
      outs,
      inputs({ disks: { ...inputs().disks, scsi0: { storage: "local-lvm", size: "82GiB", ssd: true } } }),
    );
    expect(world().config).toMatchObject({ onboot: "1", tags: "mine", vga: "std,memory=32" });
    expect(world().config.scsi0).toContain("mbps_rd=100,size=82G,ssd=1");
  });

  test("that detached a disk is answered with the same volume, never with an empty one", async () => {
    const state = await made();
    await lab.client.put(CONFIG, { delete: "scsi1" });
    const seen = await reread(state);
    expect(seen.props.volumes.scsi1).toBe("local-lvm:vm-100-disk-1");
    await vm.update("100", seen.props, inputs());
    expect(world().config.scsi1).toBe("local-lvm:vm-100-disk-1,size=32G");
    expect(world().config.unused0).toBeUndefined();
    expect(Object.keys(lab.proxmox.world.volumes)).toHaveLength(2);
  });

  test("that a running VM only takes up at its next start is put back with the disk that is still there", async () => {
    const disks = { ...inputs().disks, sata0: { storage: "local-lvm", size: "1GiB" } };
    const state = await made({ disks, power: "running" });
    const { outs: without } = await vm.update("100", state, inputs({ power: "running" }));
    expect(without.pending).toEqual(["disks.sata0"]);
    const { outs } = await vm.update("100", without, inputs({ disks, power: "running" }));
    expect(outs.pending).toEqual([]);
    expect(world().config.sata0).toBe("local-lvm:vm-100-disk-0,size=1G");
    expect(Object.keys(lab.proxmox.world.volumes)).toHaveLength(3);
  });

  test("is told from what an older state doesn't remember", async () => {
    const { macs, volumes, ...older } = await made();
    expect([macs.net0, volumes.scsi0]).not.toContain(undefined);
    const seen = await reread(older as VmState);
    expect(seen.inputs).toEqual(inputs());
    expect(seen.props.macs).toEqual(macs);
  });

  test("that grew a disk is told where no refresh came before", async () => {
    const state = await made();
    await lab.client.task(await lab.client.put(`/nodes/${NODE}/qemu/100/resize`, { disk: "scsi0", size: "100G" }));
    await vm.update("100", state, inputs({ tags: ["x"] }));
    expect(told.join()).toContain("disks.scsi0.size: 82GiB: the disk has 100GiB by now");
    expect(world().config.scsi0).toContain("size=100G");
  });

  test("that grew a disk is shown with what to do, and blocks nothing", async () => {
    const state = await made();
    await lab.client.task(await lab.client.put(`/nodes/${NODE}/qemu/100/resize`, { disk: "scsi0", size: "100G" }));
    const seen = await reread(state);
    expect(seen.inputs.disks?.scsi0).toMatchObject({ size: "100GiB", grownFrom: "82GiB" });
    expect((await vm.check(seen.inputs, inputs())).failures).toEqual([]);
    expect(told.splice(0)).toEqual([
      "VM 100 (ininity-node-emby): disks.scsi0.size: 82GiB: the disk has 100GiB by now and can't shrink - write 100GiB in the house",
    ]);
    const after = await vm.update("100", seen.props, inputs({ tags: ["x"] }));
    expect(told).toEqual([]);
    expect(world().config.tags).toBe("x");
    const taken = inputs({
      tags: ["x"],
      disks: { ...inputs().disks, scsi0: { storage: "local-lvm", size: "100GiB" } },
    });
    const { outs } = await vm.update("100", after.outs, taken);
    expect((await reread(outs)).inputs).toEqual(taken);
  });
});

describe("updating", () => {
  test("grows a disk in place, attaches one, and detaches one without freeing it", async () => {
    const state = await made();
    const wanted = inputs({
      disks: {
        scsi0: { storage: "local-lvm", size: "90GiB" },
        scsi2: { storage: "local-lvm", size: "512MiB", discard: true },
      },
    });
    const { outs } = await vm.update("100", state, wanted);
    expect(world().config).toMatchObject({
      scsi0: "local-lvm:vm-100-disk-0,size=90G",
      scsi2: "local-lvm:vm-100-disk-2,discard=on,size=512M",
      unused0: "local-lvm:vm-100-disk-1",
    });
    expect((await reread(outs)).inputs).toEqual(wanted);
    const { outs: back } = await vm.update(
      "100",
      outs,
      inputs({ disks: { ...wanted.disks, scsi1: inputs().disks?.scsi1 } }),
    );
    expect(back.volumes.scsi1).toBe("local-lvm:vm-100-disk-1");
  });

  test("of one value takes one call that writes, with its digest", async () => {
    const state = await made();
    await vm.update("100", state, inputs({ tags: ["a"], cpu: { cores: 4, type: "x86-64-v2-AES" } }));
    const puts = lab.proxmox.calls.list.filter(({ method }) => method !== "GET" && method !== "POST");
    expect(puts.map(({ params }) => params)).toEqual([
      { cores: "4", tags: "a", digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string },
    ]);
  });

  test("stores what needs a reboot as pending, says so, and is then clean", async () => {
    const state = await made({ power: "running" });
    const wanted = inputs({ power: "running", memory: "12GiB", cpu: { cores: 4, type: "x86-64-v2-AES" } });
    const { outs } = await vm.update("100", state, wanted);
    expect(outs.pending).toEqual(["cpu", "memory"]);
    expect(told).toEqual([
      "VM 100 (ininity-node-emby): cpu, memory: takes effect at its next start - shut it down and start it when it suits",
    ]);
    expect(world().running).toBeDefined();
    const seen = await reread(outs);
    expect(seen.inputs).toEqual(wanted);
    expect(seen.props.pending).toEqual(["cpu", "memory"]);
    lab.calls();
    await vm.update("100", outs, wanted);
    expect(lab.writes()).toEqual({});
  });

  test("shows what a task of Proxmox warned of, and takes it for done", async () => {
    const state = await made();
    lab.proxmox.faults.add({
      match: { method: "PUT", path: /resize/ },
      kind: "task-warns",
      text: "thin pool is nearly full",
    });
    const disks = { ...inputs().disks, scsi0: { storage: "local-lvm", size: "90GiB" } };
    const { outs } = await vm.update("100", state, inputs({ disks }));
    expect(told.join()).toContain("thin pool is nearly full");
    expect(outs.disks?.scsi0).toMatchObject({ size: "90GiB" });
  });

  test("of cloud-init on a running VM says when the guest gets it", async () => {
    const cloudInit = { storage: "local-lvm", user: "evan" };
    const state = await made({ power: "running", cloudInit });
    await vm.update("100", state, inputs({ power: "running", cloudInit: { ...cloudInit, user: "root" } }));
    expect(told.join()).toContain("cloudInit: the guest gets it at its next start");
  });

  test("starts and shuts down as the house says", async () => {
    const state = await made();
    const { outs } = await vm.update("100", state, inputs({ power: "running" }));
    expect(outs.status).toBe("running");
    const off = await vm.update("100", outs, inputs({ power: "stopped", memory: "6GiB" }));
    expect(off.outs).toMatchObject({ status: "stopped", pending: [] });
  });

  test("looks again where somebody else changed the VM in between, and keeps that change", async () => {
    const state = await made();
    const client = {
      ...lab.client,
      put: async <T>(path: string, body: Record<string, string>): Promise<T> => {
        if (body.tags === "a" && world().config.onboot === undefined) await lab.client.put(CONFIG, { onboot: 1 });
        return lab.client.put<T>(path, body);
      },
    };
    const busy = vmLifecycle({ client: () => client, rootLogin: () => true, tell: () => undefined });
    await busy.update("100", state, inputs({ tags: ["a"] }));
    expect(world().config).toMatchObject({ onboot: "1", tags: "a" });
  });

  test("lifts the protection before it detaches a disk", async () => {
    const state = await made({ protection: true });
    const wanted = inputs({ protection: false, disks: { scsi0: inputs().disks?.scsi0 } });
    const { outs } = await vm.update("100", state, wanted);
    expect((await reread(outs)).inputs).toEqual(wanted);
  });

  test("hands a disk of the host through, and never touches it afterwards", async () => {
    const disks = { ...inputs().disks, scsi7: { path: "/dev/disk/by-id/ata-WDC_4TB" } };
    const { outs } = await vm.create(inputs({ disks }));
    expect(world().config.scsi7).toMatch(/^\/dev\/disk\/by-id\/ata-WDC_4TB,size=/);
    expect((await reread(outs)).inputs).toEqual(inputs({ disks }));
    await expect(vm.delete("100", { ...outs, deletable: true })).rejects.toThrow(/scsi7 is a disk of the host/);
    const { outs: without } = await vm.update("100", outs, inputs());
    expect(without.disks).not.toHaveProperty("scsi7");
    expect(world().config.scsi7).toBeUndefined();
  });

  test("refuses to swap a disk for another, before it changes anything", async () => {
    const state = await made();
    await lab.client.put(CONFIG, { delete: "scsi1" });
    await lab.client.put(CONFIG, { scsi1: "/dev/disk/by-id/other" });
    lab.calls();
    await expect(vm.update("100", state, inputs({ tags: ["a"] }))).rejects.toThrow(/never swapped for another/);
    expect(lab.writes()).toEqual({});
  });

  test("that fails on its way is recorded as far as it came", async () => {
    const state = await made();
    lab.proxmox.faults.add({ match: { method: "PUT", path: /resize/ }, kind: "task-fails", text: "out of space" });
    const wanted = inputs({
      tags: ["a"],
      disks: { ...inputs().disks, scsi0: { storage: "local-lvm", size: "90GiB" } },
    });
    const failure = await vm
      .update("100", state, wanted)
      .catch((error: unknown) => error as { id?: string; message?: string });
    expect(failure).toMatchObject({ id: "100" });
    expect((failure as Error).message).toContain("out of space");
    const { outs } = await vm.update("100", state, wanted);
    expect((await reread(outs)).inputs).toEqual(wanted);
  });
});

describe("deleting", () => {
  test("is refused unless the house allowed it in an earlier run", async () => {
    await expect(vm.delete("100", await made())).rejects.toThrow(/deletable: true and run up/);
    expect(lab.writes()).toEqual({});
  });

  test("is refused while the VM runs or is protected, with every reason at once", async () => {
    const state = await made({ deletable: true, power: "running", protection: true });
    await expect(vm.delete("100", state)).rejects.toThrow(
      /not destroyed: it is running - shut it down first.*it is protected - lift that first/,
    );
    expect(lab.writes()).toEqual({});
  });

  test("of a VM that moved to another node is not taken for done", async () => {
    const state = await made({ deletable: true });
    await vm.delete("100", { ...state, node: "another" });
    expect(lab.proxmox.world.vms).toEqual({});
  });

  test("destroys the VM and its disks, asks for nothing beyond them, and is done when they are gone already", async () => {
    const state = await made({ deletable: true });
    await vm.delete("100", state);
    const [destroy] = lab.proxmox.calls.list.filter(({ method }) => method === "DELETE");
    expect(destroy?.params).toEqual({});
    expect(lab.proxmox.world.vms).toEqual({});
    expect(lab.proxmox.world.volumes).toEqual({});
    await vm.delete("100", state);
  });
});
