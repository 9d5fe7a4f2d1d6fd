/** The lab in the background: found again, ended, begun anew; and never mistaken for somebody else's process. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labStatus, resetLab, startLab, stopLab } from "../../lab/daemon";
import { LabFolder, type LabRecord } from "../../lab/folder";
import { isAlive } from "../../lab/processes";
import { CONTROL_HEADER } from "../../lab/proxmox/control";
import { LabClient } from "./client";
import { LAB_TOKEN } from "../../lab/proxmox/seeds";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lab-daemon-"));
});

afterEach(async () => {
  await stopLab({ dir });
  rmSync(dir, { recursive: true });
});

function client(record: LabRecord): LabClient {
  const { certificate } = new LabFolder(dir).readIdentity() ?? { certificate: { cert: "", key: "" } };
  const made = new LabClient({ url: record.url, certificate });
  made.headers = { authorization: `PVEAPIToken=root@pam!lab=${LAB_TOKEN}`, [CONTROL_HEADER]: record.controlKey };
  return made;
}

test("a lab is started once, found by the next start, and ended", async () => {
  expect((await labStatus({ dir })).state).toBe("stopped");
  const { record } = await startLab({ dir });
  expect((await startLab({ dir })).record).toEqual(record);
  expect((await labStatus({ dir })).state).toBe("running");
  expect((await stopLab({ dir })).state).toBe("stopped");
  expect(isAlive(record.pid)).toBe(false);
}, 20_000);

test("of two starts at the same time one lab comes up, and both find it", async () => {
  const [one, two] = await Promise.all([startLab({ dir }), startLab({ dir })]);
  expect(one.record.pid).toBe(two.record.pid);
  expect(readFileSync(join(dir, "lab.claim"), "utf8")).toBe(String(one.record.pid));
}, 20_000);

test("a claim of a process that is gone does not keep the next lab out", async () => {
  const { record } = await startLab({ dir });
  process.kill(record.pid, "SIGKILL");
  for (const deadline = Date.now() + 2000; isAlive(record.pid) && Date.now() < deadline;)
    await new Promise((wake) => setTimeout(wake, 10));
  rmSync(join(dir, "lab.json"));
  expect((await startLab({ dir })).state).toBe("running");
}, 20_000);

test("what it keeps is its owner's alone, and its log says where it answers", async () => {
  const { record, log } = await startLab({ dir });
  const modes = ["lab.json", "identity.json", "proxmox.json", "lab.log"].map(
    (name) => statSync(join(dir, name)).mode & 0o777,
  );
  expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
  expect(readFileSync(log, "utf8")).toContain(record.url);
}, 20_000);

test("a lab that was killed comes back with its VMs, at its address, with its certificate", async () => {
  const { record } = await startLab({ dir });
  const first = client(record);
  await first.ended((await first.send("POST", "/nodes/infinity-node/qemu", { vmid: 100, name: "kept" })).data);
  const saved = (): boolean => readFileSync(join(dir, "proxmox.json"), "utf8").includes('"kept"');
  for (const deadline = Date.now() + 1000; !saved() && Date.now() < deadline;)
    await new Promise((wake) => setTimeout(wake, 10));
  await first.close();
  process.kill(record.pid, "SIGKILL");
  for (const deadline = Date.now() + 2000; isAlive(record.pid) && Date.now() < deadline;)
    await new Promise((wake) => setTimeout(wake, 10));
  expect((await labStatus({ dir })).state).toBe("stale");
  const again = (await startLab({ dir })).record;
  expect([again.url, again.fingerprint]).toEqual([record.url, record.fingerprint]);
  const second = client(again);
  expect((await second.send("GET", "/nodes/infinity-node/qemu/100/config")).data).toMatchObject({ name: "kept" });
  await second.close();
}, 30_000);

test("a reset leaves nothing of what was made, and keeps address and certificate", async () => {
  const { record } = await startLab({ dir });
  const first = client(record);
  await first.ended((await first.send("POST", "/nodes/infinity-node/qemu", { vmid: 100 })).data);
  await first.close();
  const after = await resetLab({ dir });
  expect(after.state).toBe("running");
  expect([after.record?.url, after.record?.fingerprint]).toEqual([record.url, record.fingerprint]);
  const second = client(after.record ?? record);
  expect((await second.send("GET", "/nodes/infinity-node/qemu")).data).toEqual([]);
  await second.close();
}, 30_000);

describe("where the record's number is another process's by now", () => {
  let stranger: ChildProcess;

  beforeEach(() => {
    stranger = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  });

  afterEach(() => {
    stranger.kill();
  });

  test("it is stale, a start goes on without it, and the stranger lives", async () => {
    const folder = new LabFolder(dir);
    const pid = stranger.pid ?? 0;
    folder.writeRecord({
      pid,
      url: "https://127.0.0.1:9",
      fingerprint: "",
      controlKey: "",
      clouds: { apiEndpoint: "", baseUrl: "" },
      ssh: { port: 0, hostKey: "", key: "" },
      startedAt: 0,
    });
    expect((await labStatus({ dir })).state).toBe("stale");
    const { record } = await startLab({ dir });
    expect(record.pid).not.toBe(pid);
    expect(isAlive(pid)).toBe(true);
  }, 20_000);
});

test("where the wanted port is taken, a free one is", async () => {
  const other: Server = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, "127.0.0.1", () => {
      const address = other.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
  const { record } = await startLab({ dir, port });
  expect(new URL(record.url).port).not.toBe(String(port));
  await new Promise((resolve) => other.close(resolve));
}, 20_000);
