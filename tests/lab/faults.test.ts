/** Faults hit the call they were meant for, do what they say, and are used up. */
import { LabClient } from "./client";
import { LAB_TOKEN } from "../../lab/proxmox/seeds";
import { startProxmox, type LabProxmox } from "../../lab/proxmox/server";

const VM = "/nodes/infinity-node/qemu/100";
let lab: LabProxmox;
let client: LabClient;

beforeEach(async () => {
  lab = await startProxmox({ lockTimeoutMs: 60 });
  client = LabClient.withToken(lab, `root@pam!lab=${LAB_TOKEN}`);
  await client.ended((await client.send("POST", "/nodes/infinity-node/qemu", { vmid: 100, name: "one" })).data);
});

afterEach(async () => {
  await client.close();
  await lab.close();
});

test("a connection dropped before the server acted leaves everything as it was", async () => {
  lab.faults.add({ match: { method: "PUT", path: VM }, kind: "drop-before" });
  await expect(client.send("PUT", `${VM}/config`, { cores: 4 })).rejects.toThrow();
  expect(lab.world.vms[100]?.config.cores).toBeUndefined();
});

test("a connection dropped after the server acted loses the answer, not the change", async () => {
  lab.faults.add({ match: { method: "PUT", path: /config$/ }, kind: "drop-after" });
  await expect(client.send("PUT", `${VM}/config`, { cores: 4 })).rejects.toThrow();
  expect(lab.world.vms[100]?.config.cores).toBe("4");
});

test("a status fault answers in the server's place, as often as it was told to", async () => {
  lab.faults.add({ match: { path: "/version" }, kind: "status", status: 596, text: "Connection timed out", times: 2 });
  const answers = [];
  for (let i = 0; i < 3; i += 1) answers.push((await client.send("GET", "/version")).status);
  expect(answers).toEqual([596, 596, 200]);
  expect(lab.faults.pending).toEqual([]);
});

test("the n-th call is hit, those before it are not", async () => {
  lab.faults.add({ match: { path: "/version", nth: 2 }, kind: "status", status: 503 });
  const answers = [];
  for (let i = 0; i < 3; i += 1) answers.push((await client.send("GET", "/version")).status);
  expect(answers).toEqual([200, 503, 200]);
});

test("a lock that stays taken is Proxmox's own message, and nothing changes", async () => {
  lab.faults.add({ match: { method: "PUT" }, kind: "lock-timeout" });
  const answer = await client.send("PUT", `${VM}/config`, { cores: 4 });
  expect(answer).toMatchObject({
    status: 500,
    message: "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout",
  });
  expect(lab.world.vms[100]?.config.cores).toBeUndefined();
});

test("a task that fails did nothing; one that fails afterwards did its work", async () => {
  lab.faults.add({ match: { method: "POST", path: VM }, kind: "task-fails", text: "no space left" });
  expect(await client.ended((await client.send("POST", `${VM}/status/start`, {})).data)).toBe("no space left");
  expect(lab.world.vms[100]?.running).toBeUndefined();
  lab.faults.add({ match: { method: "POST", path: VM }, kind: "task-fails", text: "too late", afterWork: true });
  expect(await client.ended((await client.send("POST", `${VM}/status/start`, {})).data)).toBe("too late");
  expect(lab.world.vms[100]?.running).toBeDefined();
});

test("a task that warns ends with a count, and its log has the line", async () => {
  lab.faults.add({ match: { path: `${VM}/status/start` }, kind: "task-warns", text: "clock is off" });
  const { data: upid } = await client.send("POST", `${VM}/status/start`, {});
  expect(await client.ended(upid)).toBe("WARNINGS: 1");
  const { body } = await client.send("GET", `/nodes/infinity-node/tasks/${encodeURIComponent(String(upid))}/log`);
  expect(body).toEqual({
    data: [
      { n: 1, t: "WARN: clock is off" },
      { n: 2, t: "TASK WARNINGS: 1" },
    ],
    total: 2,
  });
});

test("a task that hangs keeps the VM's lock: others time out on it, and it goes on when it wakes", async () => {
  lab.faults.add({ match: { path: `${VM}/status/start` }, kind: "task-hangs", forMs: 200 });
  const { data: upid } = await client.send("POST", `${VM}/status/start`, {});
  // The task takes its lock a moment after the answer.
  await new Promise((wake) => setTimeout(wake, 20));
  expect((await client.send("PUT", `${VM}/config`, { cores: 4 })).message).toMatch(/got timeout$/);
  expect(await client.ended(upid)).toBe("OK");
  expect((await client.send("PUT", `${VM}/config`, { cores: 4 })).status).toBe(200);
});

test("a call that waits for the lock goes on when it is free in time", async () => {
  lab.faults.add({ match: { path: `${VM}/status/start` }, kind: "task-hangs", forMs: 30 });
  await client.send("POST", `${VM}/status/start`, {});
  await new Promise((wake) => setTimeout(wake, 10));
  expect((await client.send("PUT", `${VM}/config`, { name: "waited" })).status).toBe(200);
  expect(lab.world.vms[100]?.config.name).toBe("waited");
});

test("a delay holds the answer back", async () => {
  lab.faults.add({ match: { path: "/version" }, kind: "delay", ms: 40 });
  const before = Date.now();
  await client.send("GET", "/version");
  expect(Date.now() - before).toBeGreaterThanOrEqual(39);
});

test("a closing server gives up what hangs, and does not do it after all", async () => {
  lab.faults.add({ match: { path: `${VM}/status/start` }, kind: "task-hangs" });
  await client.send("POST", `${VM}/status/start`, {});
  await new Promise((wake) => setTimeout(wake, 20));
  await lab.close();
  await new Promise((wake) => setImmediate(wake));
  expect(lab.world.vms[100]?.running).toBeUndefined();
});

test("calls are counted by kind, with their template, and can be counted anew", async () => {
  lab.calls.reset();
  await client.send("GET", `${VM}/config?current=1`);
  await client.send("GET", `${VM}/config`);
  await client.send("GET", "/nope");
  expect(lab.calls.counts).toEqual({ "GET /nodes/{node}/qemu/{vmid}/config": 2, "GET /nope": 1 });
  expect(lab.calls.list[0]).toMatchObject({ path: `${VM}/config?current=1`, status: 200 });
  expect(lab.calls.list[2]?.status).toBe(501);
  expect(lab.calls.writes).toBe(0);
});
