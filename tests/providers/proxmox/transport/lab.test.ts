/** The client against the lab's Proxmox, which answers as the real one does and fails where it is told to. */
import { startProxmox, type LabProxmox } from "../../../../lab/proxmox/server";
import { isAlreadyExists, isDigestMismatch, isNotFound } from "../../../../providers/proxmox/classify";
import type { ProxmoxClient, ProxmoxError } from "../../../../providers/proxmox/client";
import { connect } from "../../../../providers/proxmox/connect";
import { connectionFrom } from "../../../../providers/proxmox/connection";
import { mayRepeatTask, repeating } from "../../../../providers/proxmox/retry";

const NODE = "/nodes/infinity-node";
const CREATION = { method: "POST", path: `${NODE}/qemu` };
const FAST = { retry: { attempts: 3, firstDelayMs: 1 }, task: { firstPollMs: 2, maxPollMs: 10 } };

let lab: LabProxmox;
let client: ProxmoxClient;
let time: number;

beforeEach(async () => {
  time = Date.now();
  const clock = {
    now: () => Math.floor(time / 1000),
    uuid: () => "6f1e0000-0000-4000-8000-000000000001",
    mac: () => "BC:24:11:00:00:01",
  };
  lab = await startProxmox({ clock, lockTimeoutMs: 20 });
  client = connect(connectionOf({ user: "root@pam", password: "lab" }), { ...FAST, now: () => time });
});

afterEach(async () => {
  await client.close();
  await lab.close();
});

const connectionOf = (login: object): ReturnType<typeof connectionFrom> =>
  connectionFrom({
    PULUMI_CONFIG: JSON.stringify({
      hypervisor: JSON.stringify({
        node: "infinity-node",
        endpoint: lab.url,
        tls: { fingerprint: lab.fingerprint },
        ...login,
      }),
    }),
  });

const failureOf = (promise: Promise<unknown>): Promise<ProxmoxError> =>
  promise.then(
    () => Promise.reject(new Error("no error")),
    (error: unknown) => error as ProxmoxError,
  );

const create = (vmid = 100): Promise<string> =>
  client.post<string>(`${NODE}/qemu`, { vmid, name: "emby", memory: 512, scsi0: "local-lvm:1,discard=on" });

const count = (kind: string): number => lab.calls.counts[kind] ?? 0;

it("logs in, creates a VM, follows its task and reads it back", async () => {
  await expect(client.task(await create())).resolves.toEqual({ warnings: [] });
  const config = await client.get<Record<string, unknown>>(`${NODE}/qemu/100/config`, { current: true });
  expect(config).toMatchObject({ name: "emby", scsi0: expect.stringContaining("discard=on") as string });
  expect(count("POST /access/ticket")).toBe(1);
});

it("tells what is missing from what is there already and what somebody else changed", async () => {
  expect(isNotFound(await failureOf(client.get(`${NODE}/qemu/100/config`)))).toBe(true);
  await client.task(await create());
  expect(isAlreadyExists(await failureOf(create()))).toBe(true);
  const stale = client.put(`${NODE}/qemu/100/config`, { cores: 2, digest: "0".repeat(40) });
  expect(isDigestMismatch(await failureOf(stale))).toBe(true);
  expect(isNotFound(await failureOf(client.get("/storage/nosuch")))).toBe(true);
});

it("logs in again when the server's two hours are over before ours", async () => {
  const [late, login] = [{ now: () => 0 }, connectionOf({ user: "root@pam", password: "lab" })];
  const sleeper = connect(login, { ...FAST, ...late });
  await sleeper.get("/version");
  time += 3 * 3_600_000;
  await sleeper.put("/storage/local", { content: "iso,vztmpl,backup,snippets" });
  await sleeper.close();
  expect(count("POST /access/ticket")).toBe(2);
});

it("says what to check where a token or a password is wrong, and shows neither", async () => {
  for (const login of [{ apiToken: "root@pam!lab=wr0ng" }, { user: "root@pam", password: "wr0ng" }]) {
    const refused = connect(connectionOf(login));
    const error = await failureOf(refused.get("/nodes"));
    await refused.close();
    expect(error).toMatchObject({ status: 401, noEffect: true });
    expect(error.message).toMatch(/ - check (the API token root@pam!lab|user root@pam)/);
    expect(error.message).not.toContain("wr0ng");
  }
});

it("doesn't create twice where the answer to a creation got lost", async () => {
  lab.faults.add({ match: CREATION, kind: "drop-after" });
  const error = await failureOf(create());
  expect(error).toMatchObject({ status: undefined, noEffect: false });
  expect(count("POST /nodes/{node}/qemu")).toBe(1);
});

it("reads again where a connection dropped, and waits for a lock that was taken", async () => {
  await client.task(await create());
  lab.faults.add({ match: { method: "GET", path: `${NODE}/qemu/100/config` }, kind: "drop-before" });
  await expect(client.get(`${NODE}/qemu/100/config`)).resolves.toMatchObject({ name: "emby" });
  lab.faults.add({ match: { method: "PUT" }, kind: "lock-timeout" });
  await expect(client.put(`${NODE}/qemu/100/config`, { cores: 2 })).resolves.toBeNull();
  expect(count("PUT /nodes/{node}/qemu/{vmid}/config")).toBe(2);
});

it("repeats a resize together with its task where the task didn't get the lock", async () => {
  await client.task(await create());
  const text = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";
  lab.faults.add({ match: { path: /resize$/ }, kind: "task-fails", text });
  const resize = async (): Promise<unknown> =>
    client.task(await client.put(`${NODE}/qemu/100/resize`, { disk: "scsi0", size: "2G" }));
  await repeating(resize, mayRepeatTask, FAST.retry);
  await expect(client.get(`${NODE}/qemu/100/config`)).resolves.toMatchObject({
    scsi0: expect.stringContaining("size=2G") as string,
  });
});

it("tells a task that fails, one that warns and one that hangs apart", async () => {
  lab.faults.add({ match: CREATION, kind: "task-warns", text: "no efidisk configured" });
  await expect(client.task(await create(100))).resolves.toEqual({ warnings: ["no efidisk configured"] });
  lab.faults.add({ match: CREATION, kind: "task-fails", text: "no space left" });
  const failed = await failureOf(client.task(await create(101)));
  expect(failed.text).toContain("no space left");
  expect(failed.task?.log.at(-1)).toMatch(/^TASK ERROR: .*no space left/);
  lab.faults.add({ match: CREATION, kind: "task-hangs" });
  const upid = await create(102);
  const looks = failureOf(client.task(upid, { timeoutMs: 5_000 }));
  time += 6_000;
  expect((await looks).message).toContain(`${upid}): still running after 5 s`);
});
