/** The configuration copy of a stack on one machine, and the lock that a killed run leaves behind. No engine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { releaseStaleLock } from "../../lab/lock";
import { renderConfig } from "../../lab/stack";

test("the copy has this run's values, the salt of the former copy, and the comments of the file", () => {
  const file = "# the lab\nconfig:\n  a:b:\n    endpoint: old # here\n    user: x\n";
  const copy = renderConfig(file, [[["config", "a:b", "endpoint"], "new"]], "encryptionsalt: v1:salt\nconfig: {}\n");
  expect(parse(copy)).toEqual({ config: { "a:b": { endpoint: "new", user: "x" } }, encryptionsalt: "v1:salt" });
  expect(copy).toContain("# the lab");
});

describe("a lock", () => {
  let folder: string;
  const lock = (pid: number, host = hostname()) => {
    writeFileSync(join(folder, "1.json"), JSON.stringify({ pid, username: "x", hostname: host, timestamp: "" }));
  };
  let cleared: number;
  const release = () =>
    releaseStaleLock(folder, () => {
      cleared++;
      return Promise.resolve();
    });

  beforeEach(() => {
    cleared = 0;
    folder = mkdtempSync(join(tmpdir(), "infinity-lock-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test("of a process that is gone, or is another program by now, is cleared", async () => {
    lock(2 ** 22 + 1);
    await release();
    lock(process.pid);
    await release();
    expect(cleared).toBe(2);
  });

  test("of an engine that works is respected", async () => {
    const engine = join(folder, "pulumi");
    copyFileSync("/bin/sleep", engine);
    chmodSync(engine, 0o755);
    const child = spawn(engine, ["60"]);
    try {
      lock(child.pid ?? 0);
      await expect(release()).rejects.toThrow(`in use by process ${child.pid}`);
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await release();
    expect(cleared).toBe(1);
  });

  test("is left alone where there is none", async () => {
    await release();
    await releaseStaleLock(join(folder, "missing"), () => Promise.reject(new Error("cleared")));
    mkdirSync(join(folder, "sub"));
    await release();
    expect(cleared).toBe(0);
  });
});
