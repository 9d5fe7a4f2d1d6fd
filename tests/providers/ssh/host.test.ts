import { backOff } from "exponential-backoff";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { utils } from "ssh2";
import { newKey } from "../../../lab/ssh/keys";
import { SshError } from "../../../providers/ssh/error";
import { hostContract } from "./contract";
import { openBench, type Bench } from "./host";

/** What was thrown. */
const failure = (promise: Promise<unknown>): Promise<SshError> =>
  promise.then(
    () => {
      throw new Error("it succeeded");
    },
    (error: unknown) => {
      if (error instanceof SshError) return error;
      throw error;
    },
  );

/** Waits until that is so; the test's own time ends it. */
const soon = (holds: () => boolean): Promise<void> =>
  backOff(() => (holds() ? Promise.resolve() : Promise.reject(new Error("not yet"))), {
    startingDelay: 10,
    timeMultiple: 1,
    numOfAttempts: 10_000,
  });

describe("a host over SSH", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await openBench({ forwards: true });
  });

  afterEach(() => bench.close());

  describe("like any host", () => {
    hostContract({
      user: () => {
        mkdirSync(join(bench.folder, "home"), { recursive: true });
        void bench.lab.files.own("/home", { uid: 1000, gid: 1000 });
        return bench.connect({ user: "deploy" });
      },
      home: "/home",
      locked: "/locked",
    });
  });

  it("runs commands on one connection, arguments and stdin as they are", async () => {
    const host = bench.connect();
    const given = ["a b", "$(id)", "it's", "\n", "*", ""];
    const answers = await Promise.all([
      host.run(["show", ...given]),
      host.run(["cat"], { stdin: "from stdin" }),
      ...Array.from({ length: 20 }, () => host.run(["count"])),
    ]);
    expect(JSON.parse(answers[0].stdout)).toEqual(given);
    expect(answers[1]).toEqual({ exitCode: 0, stdout: "from stdin", stderr: "" });
    expect(bench.runs()).toBe(20);
    expect(bench.lab.logins).toBe(1);
  });

  it("gives a host that allows fewer commands at once one after another", async () => {
    await bench.close();
    bench = await openBench({ maxSessions: 2 });
    const host = bench.connect();
    await Promise.all(Array.from({ length: 10 }, () => host.run(["count"])));
    expect(bench.runs()).toBe(10);
    expect(bench.lab.logins).toBe(1);
  });

  it("becomes root by sudo, and says where that takes a password", async () => {
    expect((await bench.connect().run(["whoami"], { sudo: true })).stdout).toBe("root\n");
    expect((await bench.connect({ user: "deploy" }).run(["whoami"], { sudo: true })).stdout).toBe("root\n");
    expect((await bench.connect({ user: "deploy" }).run(["whoami"])).stdout).toBe("deploy\n");
    const error = await failure(bench.connect({ user: "guest" }).run(["whoami"], { sudo: true }));
    expect(error).toMatchObject({ kind: "privilege", noEffect: true });
    expect(error.message).toContain("guest may not become root without a password - allow it in /etc/sudoers.d");
    expect(bench.lab.operations.map(({ text }) => text)).toContain("sudo -n -- whoami");
  });

  it("tells host, command, exit code and the end of stderr, without secrets", async () => {
    const host = bench.connect();
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index} hush`).join("\n");
    const error = await failure(host.run(["fail", "7", lines], { mask: [lines, "hush"] }));
    expect(error).toMatchObject({ kind: "exit", exitCode: 7, command: "fail 7 [secret]", noEffect: false });
    expect(error.message).toContain(`root@127.0.0.1:${bench.lab.port}: fail 7 [secret]: exit code 7`);
    expect(`${error.message}${error.stderr ?? ""}`).not.toContain("hush");
    expect((await host.run(["fail", "3"], { accept: [0, 3] })).exitCode).toBe(3);
  });

  it("reports a command that doesn't end in time", async () => {
    const error = await failure(bench.connect().run(["wait", "3000"], { timeoutMs: 100 }));
    expect(error).toMatchObject({ kind: "timeout", noEffect: false });
    expect(error.text).toContain("may still be at it");
  });

  describe("where the connection drops", () => {
    it("repeats what only looks, and nothing else", async () => {
      const host = bench.connect();
      for (const kind of ["cut-before", "cut-after"] as const) {
        bench.lab.faults.add({ kind, match: { operation: "count" } });
        await expect(host.run(["count"], { reads: true })).resolves.toMatchObject({ exitCode: 0 });
        bench.lab.faults.add({ kind, match: { operation: "count" } });
        expect(await failure(host.run(["count"]))).toMatchObject({ kind: "dropped", noEffect: false });
      }
      // Cut before: only the repetition ran. Cut after: three times.
      expect(bench.runs()).toBe(1 + 0 + 2 + 1);
    });

    it("opens another one for the next command", async () => {
      const host = bench.connect();
      await host.run(["count"]);
      bench.lab.cut();
      await expect(host.run(["count"])).resolves.toMatchObject({ stdout: "2\n" });
      expect(bench.lab.logins).toBe(2);
    });

    it("sends a command again that a host never saw, which lost its power since the last one", async () => {
      const host = bench.connect({}, { silentMs: 1000 });
      await host.run(["count"]);
      bench.lab.forget();
      await expect(host.run(["count"])).resolves.toMatchObject({ stdout: "2\n" });
      expect([bench.runs(), bench.lab.logins]).toEqual([2, 2]);
    });

    it("waits for a host that is slow to say that it took a command up, and sends it once", async () => {
      bench.lab.answerAfter(2000);
      const host = bench.connect({}, { silentMs: 1000 });
      await expect(host.run(["count"])).resolves.toMatchObject({ stdout: "1\n" });
      const error = await failure(host.run(["count"], { timeoutMs: 200 }));
      expect(error).toMatchObject({ kind: "timeout", noEffect: false });
      expect(bench.lab.logins).toBe(1);
    });

    it("doesn't repeat a command that a host may have taken up before it said so", async () => {
      bench.lab.answerAfter(1000);
      const given = failure(bench.connect().run(["count"]));
      await soon(() => bench.lab.operations.length === 1);
      bench.lab.cut();
      expect(await given).toMatchObject({ kind: "dropped", noEffect: false });
      expect(bench.lab.logins).toBe(1);
    });

    it.each(["OPEN", "FSETSTAT", "WRITE", "FSYNC", "RENAME"])(
      "has the former file or the new one, cut at %s, and the next run ends it",
      async (operation) => {
        const host = bench.connect();
        await host.writeFile("/f", "former");
        for (const kind of ["cut-before", "cut-after"] as const) {
          bench.lab.faults.add({ kind, match: { operation: `sftp ${operation}` }, times: 3 });
          const error = await failure(host.writeFile("/f", "new"));
          expect(error).toMatchObject({ kind: "dropped", noEffect: operation !== "RENAME" });
          bench.lab.faults.clear();
          const now = (await host.readFile("/f"))?.toString();
          expect(now).toBe(operation === "RENAME" && kind === "cut-after" ? "new" : "former");
          await host.writeFile("/f", "new");
          expect((await host.readFile("/f"))?.toString()).toBe("new");
          await host.writeFile("/f", "former");
        }
      },
    );

    it("finishes a write that was cut once before the file took its place", async () => {
      const host = bench.connect();
      bench.lab.faults.add({ kind: "cut-after", match: { operation: "sftp WRITE" } });
      await host.writeFile("/f", "new");
      expect((await host.readFile("/f"))?.toString()).toBe("new");
    });
  });

  describe("whose key is pinned", () => {
    it("takes a fingerprint or the public key", async () => {
      const key = newKey();
      bench.lab.present(key.private);
      for (const hostKey of [bench.lab.hostKey, key.public, `node ${key.public}`])
        await expect(bench.connect({ hostKey }).run(["count"])).resolves.toMatchObject({ exitCode: 0 });
    });

    it("says what to do where it is another one, and sends nothing", async () => {
      bench.lab.present(newKey().private);
      for (const hostKey of [bench.target.hostKey, newKey().public]) {
        const error = await failure(bench.connect({ hostKey }).run(["count"]));
        expect(error).toMatchObject({ kind: "host-key", noEffect: true });
        expect(error.message).toContain(bench.lab.hostKey);
        expect(error.message).toContain("set hypervisor.ssh.hostKey to it; otherwise another machine answers");
      }
      expect(bench.lab.logins).toBe(0);
      expect(bench.lab.operations).toEqual([]);
    });

    it("trusts the first one where none is, hands it back, and stays with it", async () => {
      const host = bench.connect({ hostKey: undefined });
      expect(await host.hostKey()).toBe(bench.target.hostKey);
      bench.lab.present(newKey().private);
      expect(await failure(host.run(["count"]))).toMatchObject({ kind: "host-key" });
    });

    it("is given up on at once where it has only an RSA key and signs with SHA-1, pinned or not", async () => {
      const { private: old } = utils.generateKeyPairSync("rsa", { bits: 2048 });
      bench.lab.present(old, ["ssh-rsa"]);
      for (const hostKey of [undefined, bench.lab.hostKey]) {
        const asked = bench.lab.connections;
        const error = await failure(bench.connect({ hostKey }).run(["count"]));
        expect(error).toMatchObject({ kind: "host-key", noEffect: true });
        expect(error.text).toContain("no host key of a kind known here (ssh-ed25519, ecdsa-sha2-nistp256,");
        expect(error.advice).toContain("give it an Ed25519 key there: ssh-keygen -A");
        expect(bench.lab.connections).toBe(asked + 1);
      }
    });

    it("refuses a pin that is none", async () => {
      const error = await failure(bench.connect({ hostKey: "MD5:00" }).run(["count"]));
      expect(error.message).toContain("hypervisor.ssh.hostKey");
    });
  });

  describe("that can't be reached", () => {
    it("says so at once where nobody listens, for all who wait", async () => {
      await bench.lab.close();
      const host = bench.connect();
      const errors = await Promise.all([1, 2, 3].map(() => failure(host.run(["count"]))));
      for (const error of errors) expect(error).toMatchObject({ kind: "unreachable", noEffect: true });
      expect(errors[0]?.message).toContain("refuses connections (ECONNREFUSED) - check address and port");
    });

    it("gives up on a server that never greets", async () => {
      const silent = createServer(() => undefined);
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const { port } = silent.address() as { port: number };
      const since = Date.now();
      const error = await failure(bench.connect({ port }, { loginTimeoutMs: 200 }).run(["count"]));
      expect(error.message).toContain("didn't finish the log-in in time");
      expect(Date.now() - since).toBeLessThan(10_000);
      silent.close();
    });

    it("says where the key doesn't do, where it is none, and where an agent is missing", async () => {
      const denied = await failure(bench.connect({ auth: { kind: "key", text: newKey().private } }).run(["count"]));
      expect(denied).toMatchObject({ kind: "denied", noEffect: true });
      expect(denied.message).toContain("check hypervisor.ssh.user and hypervisor.ssh.key");
      const none = await failure(bench.connect({ auth: { kind: "key", text: "nonsense" } }).run(["count"]));
      expect(none.message).toContain("hypervisor.ssh.key is a private key in OpenSSH's form");
      expect(none.message).not.toContain("nonsense");
      const missing = await failure(bench.connect({ auth: { kind: "keyFile", path: "/nowhere/key" } }).run(["count"]));
      expect(missing.message).toContain("/nowhere/key can't be read (ENOENT)");
      const agent = await failure(bench.connect({ auth: { kind: "agent", socket: "" } }).run(["count"]));
      expect(agent).toMatchObject({ kind: "target" });
    });
  });

  it("goes through a jump host, and says where that can't reach it", async () => {
    const inner = await openBench();
    try {
      const jump = bench.target;
      const host = inner.connect({ jump });
      await expect(host.run(["count"])).resolves.toMatchObject({ exitCode: 0 });
      expect([bench.lab.logins, inner.lab.logins]).toEqual([1, 1]);
      await host.close();
      await inner.lab.close();
      const error = await failure(inner.connect({ jump }).run(["count"]));
      expect(error.message).toContain(`root@127.0.0.1:${bench.lab.port} can't reach 127.0.0.1:${inner.lab.port}`);
    } finally {
      await inner.close();
    }
  });

  it("goes on by another connection where the host behind a jump host closed the one of before", async () => {
    const inner = await openBench();
    try {
      const host = inner.connect({ jump: bench.target });
      await host.run(["count"]);
      inner.lab.cut();
      await expect(host.run(["count"])).resolves.toMatchObject({ stdout: "2\n" });
      expect(inner.lab.logins).toBe(2);
    } finally {
      await inner.close();
    }
  });

  it("doesn't wait for a host behind a jump host that ends the connection in the log-in", async () => {
    const shut = createServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    await new Promise<void>((resolve) => shut.listen(0, "127.0.0.1", resolve));
    const { port } = shut.address() as { port: number };
    const error = await failure(bench.connect({ jump: bench.target, port }).run(["count"]));
    expect(error).toMatchObject({ kind: "unreachable", noEffect: true });
    shut.close();
  });

  it("leaves no connection behind that opened while it was closed", async () => {
    await bench.close();
    bench = await openBench({ latencyMs: 200 });
    const host = bench.connect();
    const given = host.run(["count"]).catch(() => undefined);
    await soon(() => bench.lab.connections === 1);
    await host.close();
    await given;
    await soon(() => bench.lab.open === 0);
    expect(bench.lab.connections).toBe(1);
  });

  it("waits no longer for a jump host than for a host: one that never says whether it reached it", async () => {
    bench.lab.holdForwards();
    const jump = bench.target;
    const since = Date.now();
    const host = bench.connect({ jump, address: "192.0.2.1", port: 22 }, { connectTimeoutMs: 200 });
    const error = await failure(host.run(["count"]));
    expect(error).toMatchObject({ kind: "unreachable", noEffect: true });
    expect(error.message).toContain(
      `root@127.0.0.1:${bench.lab.port} can't reach 192.0.2.1:22 (no answer within 0.2 s)`,
    );
    expect(Date.now() - since).toBeLessThan(10_000);
  });

  it("goes through no jump host whose key isn't given, and shows the one that it has", async () => {
    const jump = { ...bench.target, hostKey: undefined, hostKeyRequired: true, setting: "pulumi-nodejs:ssh.jump" };
    const error = await failure(bench.connect({ jump }).run(["count"]));
    expect(error).toMatchObject({ kind: "host-key", noEffect: true });
    expect(error.message).toContain(
      `its host key is ${bench.lab.hostKey}, and pulumi-nodejs:ssh.jump.hostKey is not set`,
    );
    expect(bench.lab.logins).toBe(0);
    const given = { ...jump, hostKey: bench.lab.hostKey };
    expect((await bench.connect({ jump: given }).run(["count"])).exitCode).toBe(0);
  });

  it("ends an idle connection, and opens it again", async () => {
    const host = bench.connect({}, { idleMs: 20 });
    await host.run(["count"]);
    await host.run(["wait", "100"]);
    expect(bench.lab.logins).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await host.run(["count"]);
    expect(bench.lab.logins).toBe(2);
  });

  it("asks before whatever may change something", async () => {
    const asked: string[] = [];
    const host = bench.connect(
      {},
      {
        before: (_host, command) => {
          asked.push(command);
          return Promise.reject(new Error("not now"));
        },
      },
    );
    await expect(host.run(["count"])).rejects.toThrow("not now");
    await expect(host.writeFile("/f", "x")).rejects.toThrow("not now");
    await expect(host.removeFile("/f")).rejects.toThrow("not now");
    await expect(host.makeDirectory("/d")).rejects.toThrow("not now");
    await host.run(["count"], { reads: true });
    await host.readFile("/f");
    expect(asked).toHaveLength(4);
    expect(bench.lab.operations.map(({ text }) => text)).toEqual(["count", "sftp OPEN /f"]);
  });
});
