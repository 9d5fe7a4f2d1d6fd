import { startNodeHost, type NodeHost } from "../../../../lab/ssh/node";
import type { ProxmoxClient } from "../../../../providers/proxmox/client";
import { nodeShell } from "../../../../providers/proxmox/nodeShell";
import type { Disk, VmSpec } from "../../../../providers/proxmox/vm/args";
import type { VmInputs, VmState } from "../../../../providers/proxmox/vm/inputs";
import { vmLifecycle } from "../../../../providers/proxmox/vm/lifecycle";
import type { Lifecycle } from "../../../../providers/lifecycle";
import { connectHost } from "../../../../providers/ssh/connectHost";
import type { Host } from "../../../../providers/ssh/host";
import { startLab, type Lab } from "../lab";

const disk: Disk = { path: "/dev/disk/by-id/ata-TEST_4TB", backup: false };

const spec: VmSpec = {
  node: "infinity-node",
  vmid: 101,
  uuid: "11111111-1111-4111-8111-111111111111",
  name: "downloads",
  memory: "1GiB",
  cpu: { cores: 2, affinity: "0-3,8" },
  machine: "q35",
  disks: { scsi0: { storage: "local-lvm", size: "8GiB" }, scsi1: disk },
  boot: ["scsi1", "scsi0"],
  pci: { hostpci0: { device: "0000:00:02.0", pcie: true } },
  usb: { usb0: { device: "046D:C52B", usb3: true } },
  args: "-cpu host,+x 'it''s'",
  hookScript: "local:snippets/hook.pl",
  power: "running",
};

let lab: Lab;
let node: NodeHost;
let host: Host;
let client: ProxmoxClient;
let vm: Lifecycle<VmInputs, VmState>;
let told: string[];

beforeEach(async () => {
  lab = await startLab();
  node = await startNodeHost(lab.proxmox);
  Object.assign(lab.proxmox.world.storages.local?.properties ?? {}, { content: "iso,snippets" });
  host = connectHost(
    {
      address: "127.0.0.1",
      port: node.port,
      user: "root",
      auth: { kind: "key", text: node.clientKey },
      hostKey: node.hostKey,
    },
    { firstDelayMs: 5 },
  );
  client = lab.anotherClient("token");
  told = [];
  vm = vmLifecycle({
    client: () => client,
    rootLogin: () => false,
    node: () => nodeShell(host, "infinity-node", { firstDelayMs: 5 }),
    tell: (text) => told.push(text),
  });
});

afterEach(async () => {
  await host.close();
  await node.close();
  await lab.close();
});

async function inputsOf(news: object, olds: object = {}): Promise<VmInputs> {
  const { inputs, failures } = await vm.check(olds, news);
  expect(failures).toEqual([]);
  return inputs;
}

const config = (): Readonly<Record<string, string>> => ({
  ...lab.proxmox.world.vms[101]?.config,
  ...lab.proxmox.world.vms[101]?.pending,
});

const kept = (): Record<string, string> => {
  const vm101 = lab.proxmox.world.vms[101];
  if (vm101 === undefined) throw new Error("no VM 101 in the lab");
  return vm101.config;
};

const commands = (): string[] => node.operations.splice(0).map(({ text }) => text);

const made = async (news: object = spec): Promise<VmState> => (await vm.create(await inputsOf(news))).outs;

it("makes a VM with a token, and what only root may by qm set, before it starts", async () => {
  const state = await made();
  const [command = "", ...more] = commands();
  expect(more).toEqual([]);
  expect(command).toMatch(/^qm set 101 .*--scsi1 \/dev\/disk\/by-id\/ata-TEST_4TB,backup=0 .*--digest [0-9a-f]{40}$/);
  expect(config()).toMatchObject({
    affinity: "0-3,8",
    args: "-cpu host,+x 'it''s'",
    boot: "order=scsi1;scsi0",
    hookscript: "local:snippets/hook.pl",
    hostpci0: "00:02.0,pcie=1",
    usb0: "046d:c52b,usb3=1",
  });
  expect(lab.writes()).toEqual({
    "POST /nodes/{node}/qemu": 1,
    "qm set {vmid}": 1,
    "POST /nodes/{node}/qemu/{vmid}/status/start": 1,
  });
  expect(state).toMatchObject({ status: "running", pending: [] });
});

it("needs no root to look, and changes nothing where nothing differs", async () => {
  const state = await made();
  commands();
  lab.calls();
  const seen = await vm.read("101", state);
  expect(seen.inputs).toEqual(await inputsOf(spec));
  const { outs } = await vm.update("101", state, await inputsOf(spec, state));
  expect(outs).toEqual(state);
  expect(lab.writes()).toEqual({});
  expect(commands()).toEqual([]);
});

it("sees an edit of each, and puts it back; an edit of what the house doesn't name is told apart", async () => {
  const state = await made({ ...spec, power: "stopped" });
  const live = kept();
  Object.assign(live, { args: "-no-hpet", affinity: "1", hostpci0: "01:00.0,pcie=1", hostpci1: "02:00" });
  Reflect.deleteProperty(live, "usb0");
  const seen = await vm.read("101", state);
  expect(seen.inputs).toMatchObject({
    args: "-no-hpet",
    cpu: { affinity: "1" },
    pci: { hostpci0: { device: "01:00.0", pcie: true } },
    usb: {},
    unnamed: { hostpci1: "02:00" },
  });
  commands();
  await vm.update("101", seen.props ?? state, await inputsOf({ ...spec, power: "stopped" }, seen.props));
  expect(commands()).toHaveLength(1);
  expect(config()).toMatchObject({ args: spec.args, affinity: "0-3,8", hostpci0: "00:02.0,pcie=1", hostpci1: "02:00" });
  expect(config().usb0).toBe("046d:c52b,usb3=1");
});

it("takes out what the house takes out, and clears what it empties", async () => {
  const stopped = { ...spec, power: "stopped" };
  const state = await made(stopped);
  commands();
  const { pci, usb, ...rest } = stopped;
  const news = {
    ...rest,
    args: "",
    hookScript: "",
    cpu: { cores: 2, affinity: "" },
    disks: { scsi0: { storage: "local-lvm", size: "8GiB" } },
  };
  await vm.update("101", state, await inputsOf({ ...news, boot: ["scsi0"] }, state));
  for (const key of ["args", "hookscript", "affinity", "hostpci0", "usb0", "scsi1"])
    expect(config()).not.toHaveProperty(key);
  // A disk of the host may be taken away with a token; the rest took root.
  expect(commands().join()).toMatch(/^qm set 101 --delete [a-z0-9,]+ --digest/);
});

it.each(["cut-before", "cut-after"] as const)(
  "is finished by the next run where the connection is %s qm set",
  async (kind) => {
    node.faults.add({ kind, match: { operation: "qm set" } });
    const error = await vm.create(await inputsOf(spec)).catch((failed: unknown) => failed as { properties: VmState });
    expect(String((error as { stack?: string }).stack)).toContain(
      "the connection ended under it; it may have been done",
    );
    const half = (error as { properties: VmState }).properties;
    const { outs } = await vm.update("101", half, await inputsOf(spec, half));
    expect(outs).toMatchObject({ status: "running" });
    expect(config()).toMatchObject({ hostpci0: "00:02.0,pcie=1", args: spec.args });
    expect(commands().filter((text) => text.startsWith("qm set"))).toHaveLength(kind === "cut-before" ? 2 : 1);
  },
);

it("doesn't overwrite what somebody changed in between: the digest is sent, and it looks again", async () => {
  const state = await made({ ...spec, power: "stopped" });
  commands();
  const set = nodeShell(host, "infinity-node");
  let edited = false;
  const busy = vmLifecycle({
    client: () => client,
    rootLogin: () => false,
    node: () => ({
      set: async (change) => {
        if (!edited) kept().description = "somebody";
        edited = true;
        await set.set(change);
      },
    }),
    tell: () => undefined,
  });
  await busy.update("101", state, await inputsOf({ ...spec, args: "-no-hpet", power: "stopped" }, state));
  expect(commands()).toHaveLength(2);
  expect(config()).toMatchObject({ args: "-no-hpet", description: "somebody" });
});

it("never touches another's VM, and says Proxmox's own words where it refuses", async () => {
  const stopped = { ...spec, power: "stopped" };
  const state = await made(stopped);
  commands();
  const news = await inputsOf({ ...stopped, args: "-no-hpet" }, state);
  kept().lock = "backup";
  await expect(vm.update("101", state, news)).rejects.toThrow(/qm set .*VM is locked \(backup\)/);
  Reflect.deleteProperty(kept(), "lock");
  commands();
  kept().smbios1 = "uuid=99999999-9999-4999-8999-999999999999";
  await expect(vm.update("101", state, news)).rejects.toThrow();
  expect(commands()).toEqual([]);
});

it("says in the preview which field takes root, why, and what to configure", async () => {
  const token = vmLifecycle({ client: () => client, rootLogin: () => false, tell: () => undefined });
  const { failures } = await token.check({}, spec);
  expect(failures.map(({ property }) => property)).toEqual([
    "disks.scsi1.path",
    "pci.hostpci0.device",
    "usb.usb0.device",
    "args",
    "hookScript",
    "cpu.affinity",
  ]);
  expect(failures[1]?.reason).toBe(
    "00:02.0: Proxmox lets only root@pam itself hand through a device of the host by its address, no API token - set hypervisor.ssh, by which it is done on the node (qm set), or user root@pam and its password; a mapping takes neither",
  );
  // What is there already may stay, whoever looks.
  expect((await token.check(await inputsOf(spec), spec)).failures).toEqual([]);
  const unknown = vmLifecycle({ client: () => client, rootLogin: () => undefined, tell: () => undefined });
  expect((await unknown.check({}, spec)).failures).toEqual([]);
});

it("hands a mapped device through with a token alone", async () => {
  const { disks, args, hookScript, usb, boot, ...rest } = spec;
  const mapped = { ...rest, cpu: { cores: 2 }, pci: { hostpci0: { mapping: "igpu", pcie: true } } };
  const token = vmLifecycle({ client: () => client, rootLogin: () => false, tell: () => undefined });
  expect((await token.check({}, mapped)).failures).toEqual([]);
  await token.create((await token.check({}, mapped)).inputs);
  expect(config().hostpci0).toBe("mapping=igpu,pcie=1");
  expect(commands()).toEqual([]);
});

it("refuses a VM on another node than the one that SSH leads to", async () => {
  const shell = nodeShell(host, "other-node");
  await expect(
    shell.set({ node: "infinity-node", vmid: 101, set: { args: "-x" }, delete: [], digest: "0".repeat(40) }),
  ).rejects.toThrow("hypervisor.ssh leads to other-node");
  await expect(
    nodeShell(host, undefined).set({ node: "infinity-node", vmid: 101, set: { args: "-x" }, delete: [] }),
  ).rejects.toThrow("no digest");
  expect(commands()).toEqual([]);
});
