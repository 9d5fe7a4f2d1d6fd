/** Changes of a running VM: what goes live, what waits, what fails and stays waiting, and when it is taken up. */
import { LabClient } from "./client";
import { LAB_TOKEN } from "../../lab/proxmox/seeds";
import { startProxmox, type LabProxmox } from "../../lab/proxmox/server";

const QEMU = "/nodes/infinity-node/qemu";
const VM = `${QEMU}/100`;
let lab: LabProxmox;
let client: LabClient;

beforeAll(async () => {
  lab = await startProxmox({ taskMs: 0 });
  client = LabClient.withToken(lab, `root@pam!lab=${LAB_TOKEN}`);
});

afterAll(async () => {
  await client.close();
  await lab.close();
});

beforeEach(async () => {
  const disks = { scsi0: "local-lvm:4", scsi1: "local-lvm:1", net0: "virtio,bridge=vmbr0", boot: "order=scsi0" };
  await client.ended((await client.send("POST", QEMU, { vmid: 100, start: 1, cores: 2, memory: 1024, ...disks })).data);
});

afterEach(async () => {
  await client.ended((await client.send("POST", `${VM}/status/stop`, {})).data);
  await client.ended((await client.send("DELETE", VM)).data);
});

const config = async (query = ""): Promise<Record<string, unknown>> =>
  (await client.send("GET", `${VM}/config${query}`)).data as Record<string, unknown>;

async function waiting(): Promise<Record<string, unknown>> {
  const { data } = await client.send("GET", `${VM}/pending`);
  const entries = data as { key: string; pending?: unknown; delete?: number }[];
  const changed = entries.filter((entry) => entry.pending !== undefined || entry.delete !== undefined);
  return Object.fromEntries(
    changed.map((entry) => [entry.key, entry.delete ? `delete ${entry.delete}` : entry.pending]),
  );
}

test("cores wait for the next boot, a name does not", async () => {
  await client.send("PUT", `${VM}/config`, { cores: 4, name: "now" });
  expect(await waiting()).toEqual({ cores: 4 });
  expect(await config("?current=1")).toMatchObject({ cores: 2, name: "now" });
  expect(await config()).toMatchObject({ cores: 4, name: "now" });
});

test("what waits is taken up by a reboot, not before", async () => {
  await client.send("PUT", `${VM}/config`, { memory: 2048 });
  expect(await client.ended((await client.send("POST", `${VM}/status/reboot`, {})).data)).toBe("OK");
  expect(await waiting()).toEqual({});
  expect(await config("?current=1")).toMatchObject({ memory: "2048" });
});

test("set back to what is live, or reverted, nothing waits any more", async () => {
  await client.send("PUT", `${VM}/config`, { cores: 4, memory: 2048 });
  await client.send("PUT", `${VM}/config`, { cores: 2 });
  expect(await waiting()).toEqual({ memory: "2048" });
  await client.send("PUT", `${VM}/config`, { revert: "memory" });
  expect(await waiting()).toEqual({});
});

test("a boot disk can't be unplugged: the answer is 400, the wish stays, and a stop fulfils it", async () => {
  const answer = await client.send("PUT", `${VM}/config`, { delete: "scsi0" });
  expect(answer).toMatchObject({
    status: 400,
    body: { errors: { scsi0: "hotplug problem - can't unplug bootdisk 'scsi0'\n" } },
  });
  expect(await waiting()).toEqual({ scsi0: "delete 1", boot: " " });
  await client.ended((await client.send("POST", `${VM}/status/stop`, {})).data);
  expect(await config()).toMatchObject({ unused0: "local-lvm:vm-100-disk-0" });
});

test("without disk hotplug a new disk waits, and is kept as unused when the wish is withdrawn", async () => {
  await client.send("PUT", `${VM}/config`, { hotplug: "network" });
  await client.send("PUT", `${VM}/config`, { scsi2: "local-lvm:1" });
  expect(await waiting()).toEqual({ scsi2: "local-lvm:vm-100-disk-2,size=1G" });
  await client.send("PUT", `${VM}/config`, { delete: "scsi2" });
  expect(await waiting()).toEqual({});
  expect(await config()).toMatchObject({ unused0: "local-lvm:vm-100-disk-2" });
});

test("a disk taken from a running VM keeps its data as unused, and goes back with it", async () => {
  await client.send("PUT", `${VM}/config`, { delete: "scsi1" });
  expect(await config()).toMatchObject({ unused0: "local-lvm:vm-100-disk-1" });
  await client.send("PUT", `${VM}/config`, { scsi5: "local-lvm:vm-100-disk-1" });
  const after = await config();
  expect(after.scsi5).toBe("local-lvm:vm-100-disk-1,size=1G");
  expect(after.unused0).toBeUndefined();
});

test("a running VM is not destroyed", async () => {
  expect(await client.send("DELETE", VM)).toMatchObject({ status: 500, message: "VM 100 is running - destroy failed" });
});

test("more cores than the host has are accepted, and fail the start", async () => {
  await client.ended((await client.send("POST", `${VM}/status/stop`, {})).data);
  expect((await client.send("PUT", `${VM}/config`, { cores: 64 })).status).toBe(200);
  const { data } = await client.send("POST", `${VM}/status/start`, {});
  expect(await client.ended(data)).toBe("MAX 24 vcpus allowed per VM on this node");
});

test("of creates at the same time with one VMID one wins, the others are told", async () => {
  const answers = await Promise.all(
    ["a", "b", "c"].map((name) => client.send("POST", QEMU, { vmid: 150, name, scsi0: "local-lvm:1" })),
  );
  const refused = answers.filter(({ status }) => status === 500).map(({ message }) => message);
  expect(refused).toEqual(Array(2).fill("unable to create VM 150 - VM 150 already exists on node 'infinity-node'"));
  await client.ended(answers.find(({ status }) => status === 200)?.data);
  await client.ended((await client.send("DELETE", `${QEMU}/150`)).data);
  expect(Object.keys(lab.world.volumes).filter((volid) => volid.includes("-150-"))).toEqual([]);
});

test("a destroyed VM takes its unused volumes along, and never another VM's", async () => {
  await client.ended(
    (await client.send("POST", QEMU, { vmid: 151, scsi0: "local-lvm:1", scsi1: "local-lvm:vm-100-disk-1" })).data,
  );
  await client.send("PUT", `${QEMU}/151/config`, { delete: "scsi0" });
  await client.ended((await client.send("DELETE", `${QEMU}/151`)).data);
  const left = Object.keys(lab.world.volumes);
  expect(left.filter((volid) => volid.includes("-151-"))).toEqual([]);
  expect(left).toContain("local-lvm:vm-100-disk-1");
});
