import type { ProxmoxClient } from "../../../../providers/proxmox/client";
import { connect, type ClientOptions } from "../../../../providers/proxmox/connect";
import { clientFor } from "../../../../providers/proxmox/clientFor";
import { outputOf } from "./script";
import { startServer, type Heard, type Reply, type TestServer } from "./server";

const TOKEN = "root@pam!test=s3cret";
const FAST = { retry: { attempts: 3, firstDelayMs: 1 } } satisfies ClientOptions;

let open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open) await each.close();
  open = [];
});

async function start(
  answer: (request: Heard, nth: number) => Reply,
  options: ClientOptions = FAST,
): Promise<{ client: ProxmoxClient; server: TestServer }> {
  const server = await startServer(answer);
  const client = connect(server.connection, options);
  open.push(client, server);
  return { client, server };
}

const refused = (status: number, text: string, errors?: Record<string, string>): Reply => ({
  status,
  reason: text,
  body: JSON.stringify({ data: null, message: `${text}\n`, ...(errors ? { errors } : {}) }),
});

describe("a request", () => {
  it("carries the token, no cookie, and its parameters in the query or the body", async () => {
    const { client, server } = await start(() => ({ data: null }));
    await client.get("/nodes/pve/qemu/100/config", { current: true });
    await client.put("/nodes/pve/qemu/100/config", { net0: "virtio,bridge=vmbr0", onboot: false });
    await client.delete("/nodes/pve/qemu/100", { purge: true });
    expect(server.heard.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["GET", "/nodes/pve/qemu/100/config?current=1", ""],
      ["PUT", "/nodes/pve/qemu/100/config", "net0=virtio%2Cbridge%3Dvmbr0&onboot=0"],
      ["DELETE", "/nodes/pve/qemu/100?purge=1", ""],
    ]);
    for (const { headers } of server.heard) {
      expect(headers.authorization).toBe(`PVEAPIToken=${TOKEN}`);
      expect(headers.cookie).toBeUndefined();
    }
    expect(server.heard[1]?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
  });

  it("gives the answer's data", async () => {
    const { client } = await start(() => ({ data: { version: "8.4.1" } }));
    await expect(client.get("/version")).resolves.toEqual({ version: "8.4.1" });
  });

  it("shares connections with those before, and opens no more than allowed", async () => {
    const { client, server } = await start(() => ({ data: 1 }), { transport: { connections: 4 } });
    for (let nth = 0; nth < 5; nth++) await client.get("/version");
    // A request right after an answer may find its connection not yet free.
    expect(server.connections()).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 40 }, () => client.get("/version")));
    expect(server.heard).toHaveLength(45);
    expect(server.connections()).toBeLessThanOrEqual(4);
  });
});

describe("an error", () => {
  it("carries method, path, status, text and the errors of each parameter", async () => {
    const errors = { cores: "type check ('integer') failed - got 'x'\n" };
    const { client } = await start(() => refused(400, "Parameter verification failed.", errors));
    await expect(client.put("/nodes/pve/qemu/100/config", { cores: "x" })).rejects.toMatchObject({
      name: "ProxmoxError",
      method: "PUT",
      path: "/nodes/pve/qemu/100/config",
      status: 400,
      text: "Parameter verification failed.",
      errors: { cores: "type check ('integer') failed - got 'x'" },
      noEffect: undefined,
      message:
        "PUT /nodes/pve/qemu/100/config: 400: Parameter verification failed.\n  cores: type check ('integer') failed - got 'x'",
    });
  });

  it("takes the reason phrase where the body is empty, as with 401, and says what to check", async () => {
    const { client, server } = await start(() => ({ status: 401, reason: "invalid token value!" }));
    const error = client.put("/nodes/pve/qemu/100/config");
    await expect(error).rejects.toMatchObject({ status: 401, text: "invalid token value!", noEffect: true });
    await expect(error).rejects.toThrow(/check the API token root@pam!test: hypervisor\.apiToken/);
    expect(server.heard).toHaveLength(1);
  });

  it("holds no secret, even where Proxmox quotes one", async () => {
    const errors = { cipassword: "value 'hunter2' does not match" };
    const { client } = await start(() => refused(400, "got 'hunter2'", errors));
    const error = await client.put("/x", { cipassword: "hunter2" }).catch((e: unknown) => e as Error);
    expect(JSON.stringify([error, (error as Error).message])).not.toContain("hunter2");
    expect((error as Error).message).not.toContain("s3cret");
  });

  it("says so where the answer is not Proxmox's", async () => {
    const { client } = await start(() => ({ status: 200, body: "<html>router</html>" }));
    await expect(client.get("/version")).rejects.toThrow(/not Proxmox's JSON - check that the endpoint/);
  });

  it("names host, port, cause and what to check where nobody listens", async () => {
    const { client, server } = await start(() => ({ data: 1 }));
    const { host } = new URL(server.connection.endpoint);
    await server.close();
    await expect(client.post("/nodes/pve/qemu")).rejects.toMatchObject({
      status: undefined,
      noEffect: true,
      text: expect.stringMatching(new RegExp(`^${host} refuses connections \\(ECONNREFUSED\\) - check`)) as string,
    });
  });

  it("says that a server which doesn't answer may still be at it", async () => {
    const { client, server } = await start(() => "hang", { ...FAST, transport: { answerTimeoutMs: 100 } });
    await expect(client.put("/nodes/pve/qemu/100/config")).rejects.toMatchObject({
      status: undefined,
      noEffect: false,
      text: expect.stringContaining("it may still be at it") as string,
    });
    expect(server.heard).toHaveLength(1);
  });
});

describe("a repetition", () => {
  const LOCK = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";

  it.each([502, 503, 504, 595, 596])("follows status %i on GET", async (status) => {
    const { client, server } = await start((_, nth) => (nth < 3 ? refused(status, "busy") : { data: "done" }));
    await expect(client.get("/version")).resolves.toBe("done");
    expect(server.heard).toHaveLength(3);
  });

  it("follows a dropped connection on GET", async () => {
    const { client, server } = await start((_, nth) => (nth === 1 ? "drop" : { data: "done" }));
    await expect(client.get("/version")).resolves.toBe("done");
    expect(server.heard).toHaveLength(2);
  });

  it.each(["post", "put", "delete"] as const)("never follows a dropped connection on %s", async (method) => {
    const { client, server } = await start(() => "drop");
    await expect(client[method]("/nodes/pve/qemu")).rejects.toMatchObject({ status: undefined, noEffect: false });
    expect(server.heard).toHaveLength(1);
  });

  it.each(["post", "put", "delete"] as const)("never follows a 596 on %s", async (method) => {
    const { client, server } = await start(() => refused(596, "Connection timed out"));
    await expect(client[method]("/nodes/pve/qemu/100")).rejects.toMatchObject({ status: 596, noEffect: undefined });
    expect(server.heard).toHaveLength(1);
  });

  it("follows a lock that was not obtained, with every method", async () => {
    const { client, server } = await start((_, nth) => (nth === 1 ? refused(500, LOCK) : { data: null }));
    await expect(client.put("/nodes/pve/qemu/100/config", { cores: 2 })).resolves.toBeNull();
    expect(server.heard).toHaveLength(2);
  });

  it("ends after the attempts it has, with the last error marked as without effect", async () => {
    const { client, server } = await start(() => refused(500, LOCK));
    await expect(client.post("/nodes/pve/qemu", { vmid: 100 })).rejects.toMatchObject({ text: LOCK, noEffect: true });
    expect(server.heard).toHaveLength(3);
  });

  it("doesn't follow a 500 that says something", async () => {
    const { client, server } = await start(() => refused(500, "VM is locked (backup)"));
    await expect(client.get("/nodes/pve/qemu/100/config")).rejects.toMatchObject({ status: 500 });
    expect(server.heard).toHaveLength(1);
  });

  it("follows a refused connection with every method, until somebody listens", async () => {
    const probe = await startServer(() => ({ data: 1 }));
    const { port } = new URL(probe.connection.endpoint);
    await probe.close();
    const client = connect(probe.connection, { retry: { attempts: 20, firstDelayMs: 20 } });
    const answer = client.post("/nodes/pve/qemu");
    const server = await startServer(() => ({ data: "late" }), undefined, Number(port));
    open.push(client, server);
    await expect(answer).resolves.toBe("late");
    expect(server.heard).toHaveLength(1);
  });
});

describe("the process's client", () => {
  const env = (server: TestServer, token: string): NodeJS.ProcessEnv => ({
    PROXMOX_VE_ENDPOINT: server.connection.endpoint,
    PROXMOX_VE_API_TOKEN: token,
    PULUMI_CONFIG: JSON.stringify({
      hypervisor: JSON.stringify({
        tls: { fingerprint: (server.connection.trust as { fingerprint: string }).fingerprint },
      }),
    }),
  });

  it("is one for one connection, and another once the token was replaced", async () => {
    const server = await startServer(() => ({ data: 1 }));
    const first = clientFor(env(server, TOKEN));
    const second = clientFor(env(server, "root@pam!test=new"));
    open.push(first, second, server);
    expect(clientFor(env(server, TOKEN))).toBe(first);
    expect(second).not.toBe(first);
    await second.get("/version");
    expect(server.heard[0]?.headers.authorization).toBe("PVEAPIToken=root@pam!test=new");
  });

  it("is a new one after it was closed", async () => {
    const server = await startServer(() => ({ data: 1 }));
    const first = clientFor(env(server, TOKEN));
    await first.close();
    const second = clientFor(env(server, TOKEN));
    open.push(second, server);
    await expect(second.get("/version")).resolves.toBe(1);
  });

  it("doesn't keep a process alive that has nothing else to do", async () => {
    const server = await startServer(() => ({ data: 1 }));
    open.push(server);
    const script = `const { clientFor } = require("./bin/providers/proxmox/clientFor.js");
      clientFor(process.env).get("/version").then((data) => {
        const since = performance.now();
        process.on("exit", () => console.log(JSON.stringify({ data, lingered: performance.now() - since })));
      });`;
    const { data, lingered } = JSON.parse(await outputOf(script, env(server, TOKEN))) as {
      data: number;
      lingered: number;
    };
    expect(data).toBe(1);
    // The connection itself is kept for three seconds.
    expect(lingered).toBeLessThan(1_000);
  });
});
