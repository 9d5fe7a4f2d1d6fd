import { connect, type ClientOptions } from "../../../../providers/proxmox/connect";
import type { ProxmoxClient, ProxmoxError } from "../../../../providers/proxmox/client";
import { mayRepeatTask, repeating } from "../../../../providers/proxmox/retry";
import { parseUpid } from "../../../../providers/proxmox/upid";
import { startServer, type TestServer } from "./server";

const upidOf = (type: string): string => `UPID:pve2:000C5BAA:06B039243:67F3C0AB:${type}:100:root@pam!test:`;
const FAST: ClientOptions = {
  retry: { attempts: 2, firstDelayMs: 1 },
  task: { firstPollMs: 1, maxPollMs: 2 },
};

let open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open) await each.close();
  open = [];
});

/** A task that runs for some looks and ends as given. */
async function start(
  exitstatus: string,
  { running = 0, log = [] as string[], options = FAST } = {},
): Promise<{ client: ProxmoxClient; server: TestServer }> {
  let looks = 0;
  const server = await startServer(({ path }) => {
    if (path.includes("/log?")) return { data: log.map((t, index) => ({ n: index + 1, t })) };
    if (looks++ < running) return { data: { status: "running" } };
    return { data: { status: "stopped", exitstatus } };
  });
  const client = connect(server.connection, options);
  open.push(client, server);
  return { client, server };
}

const failureOf = (promise: Promise<unknown>): Promise<ProxmoxError> =>
  promise.then(
    () => Promise.reject(new Error("no error")),
    (error: unknown) => error as ProxmoxError,
  );

it("asks the node in the UPID until the task has ended", async () => {
  const { client, server } = await start("OK", { running: 3 });
  await expect(client.task(upidOf("qmcreate"))).resolves.toEqual({ warnings: [] });
  const path = `/nodes/pve2/tasks/${encodeURIComponent(upidOf("qmcreate"))}/status`;
  expect(server.heard.map((request) => request.path)).toEqual([path, path, path, path]);
});

it("counts warnings as success, and gives them", async () => {
  const log = ["creating disk", "WARN: iothread is only valid with virtio", "WARN: no efidisk", "TASK WARNINGS: 2"];
  const { client } = await start("WARNINGS: 2", { log });
  await expect(client.task(upidOf("qmcreate"))).resolves.toEqual({
    warnings: ["iothread is only valid with virtio", "no efidisk"],
  });
});

it("fails with the exit status and the log's last ten lines", async () => {
  const log = [...Array.from({ length: 20 }, (_, index) => `line ${index}.`), "TASK ERROR: no space"];
  const { client } = await start("no space", { log });
  const error = await failureOf(client.task(upidOf("qmcreate")));
  expect(error).toMatchObject({ text: "no space", status: undefined, noEffect: undefined });
  expect(error.task).toMatchObject({ type: "qmcreate", id: "100", log: log.slice(-10) });
  expect(error.message).toMatch(/^task qmcreate 100 \(UPID:pve2:.*\): no space\n {2}its log ends:\n {4}line 11\.\n/);
  expect(error.message).not.toContain("line 10.");
});

it("explains an end without a status", async () => {
  const { client } = await start("unexpected status");
  const error = await failureOf(client.task(upidOf("qmstart")));
  expect(error.message).toMatch(/unexpected status - its worker ended without a word/);
});

it("gives up on a task that hangs, names it and says that it goes on", async () => {
  let time = 0;
  const options = { ...FAST, now: () => (time += 1_000) };
  const { client, server } = await start("OK", { running: 1_000, options });
  const error = await failureOf(client.task(upidOf("qmcreate"), { timeoutMs: 20_000 }));
  expect(error.message).toContain(upidOf("qmcreate"));
  expect(error.message).toMatch(/still running after 20 s; it goes on on node pve2/);
  expect(error.noEffect).toBeUndefined();
  expect(server.heard.length).toBeLessThan(30);
});

it("looks less and less often", async () => {
  const options = { task: { firstPollMs: 20, maxPollMs: 60 } };
  const { client, server } = await start("OK", { running: 6, options });
  const since = performance.now();
  await client.task(upidOf("qmcreate"));
  // 20 + 30 + 45 + 60 + 60 + 60; timers may be early by a millisecond each.
  expect(performance.now() - since).toBeGreaterThan(265);
  expect(server.heard).toHaveLength(7);
});

it("goes on looking where one look gets no answer", async () => {
  let nth = 0;
  const server = await startServer(() => {
    nth += 1;
    return nth === 1 ? { status: 596, reason: "busy" } : { data: { status: "stopped", exitstatus: "OK" } };
  });
  const client = connect(server.connection, FAST);
  open.push(client, server);
  await expect(client.task(upidOf("qmcreate"))).resolves.toEqual({ warnings: [] });
});

it("doesn't say that nothing happened where only the looking failed", async () => {
  const { client, server } = await start("OK");
  await server.close();
  const error = await failureOf(client.task(upidOf("resize")));
  expect(error).toMatchObject({ noEffect: undefined, task: { type: "resize" } });
  expect(error.message).toMatch(/refuses connections.*it goes on by itself/);
});

it("tells a failure whose log can't be read all the same", async () => {
  const server = await startServer(({ path }) =>
    path.includes("/log?")
      ? { status: 403, reason: "Sys.Audit" }
      : { data: { status: "stopped", exitstatus: "no space" } },
  );
  const client = connect(server.connection, FAST);
  open.push(client, server);
  expect(await failureOf(client.task(upidOf("qmcreate")))).toMatchObject({ text: "no space", task: { log: [] } });
});

describe("a lock that a task didn't get", () => {
  const LOCK = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";

  it("means that nothing happened where the task takes it first, and the request may be repeated with its task", async () => {
    let asked = 0;
    const server = await startServer(({ path }) => {
      if (path.includes("/log?")) return { data: [] };
      if (path.endsWith("/resize")) asked += 1;
      if (path.endsWith("/resize")) return { data: upidOf("resize") };
      return { data: { status: "stopped", exitstatus: asked < 2 ? LOCK : "OK" } };
    });
    const client = connect(server.connection, FAST);
    open.push(client, server);
    const resize = async (): Promise<unknown> =>
      client.task(await client.put("/nodes/pve/qemu/100/resize", { disk: "scsi0", size: "40G" }));
    await expect(repeating(resize, mayRepeatTask, FAST.retry)).resolves.toEqual({ warnings: [] });
    expect(asked).toBe(2);
  });

  it("doesn't where the VMID was claimed before", async () => {
    const { client } = await start(LOCK);
    expect((await failureOf(client.task(upidOf("qmcreate")))).noEffect).toBeUndefined();
  });
});

describe("a UPID", () => {
  it("names node, type and subject", () => {
    expect(parseUpid(upidOf("qmmove"))).toEqual({ node: "pve2", type: "qmmove", id: "100" });
    expect(parseUpid("UPID:pve:000C5BAA:06B039243:67F3C0AB:qmmove:100-scsi1>101-scsi0:root@pam:")?.id).toBe(
      "100-scsi1>101-scsi0",
    );
    expect(parseUpid("UPID:pve:000C5BAA:06B03924:67F3C0AB:startall::root@pam:")?.id).toBe("");
  });

  it("is not guessed from something else", async () => {
    expect(parseUpid(null)).toBeUndefined();
    expect(parseUpid("UPID:pve/../x:000C5BAA:06B03924:67F3C0AB:t:1:root@pam:")).toBeUndefined();
    const { client, server } = await start("OK");
    await expect(client.task("null")).rejects.toThrow("names no task");
    expect(server.heard).toHaveLength(0);
  });
});
