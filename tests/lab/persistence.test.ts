/** The lab's state outlives its process: saved soon after each change, whole, and known again by its certificate. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabClient } from "./client";
import { LAB_TOKEN } from "../../lab/proxmox/seeds";
import { startProxmox, type LabProxmox } from "../../lab/proxmox/server";
import type { World } from "../../lab/proxmox/world";

const QEMU = "/nodes/infinity-node/qemu";
let dir: string;
let stateFile: string;
const opened: { close(): Promise<void> }[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lab-state-"));
  stateFile = join(dir, "proxmox.json");
});

afterEach(async () => {
  for (const it of opened.splice(0)) await it.close();
  rmSync(dir, { recursive: true });
});

async function open(): Promise<{ lab: LabProxmox; client: LabClient }> {
  const lab = await startProxmox({ stateFile });
  const client = LabClient.withToken(lab, `root@pam!lab=${LAB_TOKEN}`);
  opened.push(client, lab);
  return { lab, client };
}

const stored = (): World => (JSON.parse(readFileSync(stateFile, "utf8")) as { world: World }).world;

test("a VM that was made is there after a restart, with its digest, its volumes and the same certificate", async () => {
  const first = await open();
  const made = await first.client.send("POST", QEMU, { vmid: 100, scsi0: "local-lvm:8", net0: "virtio,bridge=vmbr0" });
  await first.client.ended(made.data);
  const before = await first.client.send("GET", `${QEMU}/100/config`);
  await first.lab.close();
  const second = await open();
  expect((await second.client.send("GET", `${QEMU}/100/config`)).data).toEqual(before.data);
  expect(second.lab.world.volumes["local-lvm:vm-100-disk-0"]?.size).toBe(8 * 1024 ** 3);
  expect(second.lab.fingerprint).toBe(first.lab.fingerprint);
});

test("a change is on disk within 50 ms of its answer, without the server being closed", async () => {
  const { client } = await open();
  await client.ended((await client.send("POST", QEMU, { vmid: 100 })).data);
  await client.send("PUT", `${QEMU}/100/config`, { name: "saved" });
  const deadline = Date.now() + 500;
  while (stored().vms[100]?.config.name !== "saved" && Date.now() < deadline)
    await new Promise((wake) => setTimeout(wake, 10));
  expect(stored().vms[100]?.config.name).toBe("saved");
});

test("no half file is left beside the state", async () => {
  const { client, lab } = await open();
  for (let cores = 1; cores <= 20; cores += 1) {
    if (cores === 1) await client.ended((await client.send("POST", QEMU, { vmid: 100 })).data);
    await client.send("PUT", `${QEMU}/100/config`, { cores });
  }
  await lab.close();
  expect(readdirSync(dir).sort()).toEqual(["proxmox.json", "proxmox.json.certificate"]);
  expect(stored().vms[100]?.config.cores).toBe("20");
});

test("a task that was running when the process went is interrupted, and a VM in the making is not there", async () => {
  const first = await open();
  first.lab.faults.add({ match: { method: "POST", path: QEMU }, kind: "task-hangs" });
  const { data: upid } = await first.client.send("POST", QEMU, { vmid: 100 });
  expect((await first.client.send("GET", `${QEMU}/100/config`)).data).toMatchObject({ lock: "create" });
  await first.lab.close();
  const second = await open();
  expect(await second.client.ended(upid)).toBe("unexpected status");
  expect((await second.client.send("GET", `${QEMU}/100/config`)).message).toMatch(/does not exist$/);
});

test("a file that is none of the lab's is refused with its name, and left alone", async () => {
  writeFileSync(stateFile, '{"version":99}');
  await expect(startProxmox({ stateFile })).rejects.toThrow(`${stateFile}: not a state file of this lab`);
  expect(readFileSync(stateFile, "utf8")).toBe('{"version":99}');
  expect(existsSync(`${stateFile}.tmp`)).toBe(false);
});
