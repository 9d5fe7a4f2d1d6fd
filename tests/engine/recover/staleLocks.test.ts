/** Whose lock may be removed: only one whose holder is proved to be gone. Lock files as the engine writes them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { releaseStaleLocks } from "../../../engine/recover/staleLocks";

const NOBODY = 2 ** 22 + 1;

let folder: string;
const lock = (name: string, pid: number, host = hostname()): void => {
  const content = { pid, username: "you", hostname: host, timestamp: "2026-11-23T06:24:38.9Z" };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(content));
};
const left = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".json"));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infinity-lock-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A process that the process table calls `pulumi`. */
function startEngine() {
  const engine = join(folder, "pulumi");
  copyFileSync("/bin/sleep", engine);
  chmodSync(engine, 0o755);
  return spawn(engine, ["60"]);
}

test("of a process that is gone, or is another program by now, is removed, and told of", () => {
  lock("gone", NOBODY);
  lock("another", process.pid);
  const { released, held } = releaseStaleLocks(folder);
  expect(released.map(({ pid }) => pid).sort()).toEqual([process.pid, NOBODY].sort());
  expect(released[0]).toMatchObject({ timestamp: "2026-11-23T06:24:38.9Z" });
  expect(held).toEqual([]);
  expect(left()).toEqual([]);
});

test("of an engine that works is respected, and one beside it whose holder is gone is still removed", async () => {
  const child = startEngine();
  try {
    await once(child, "spawn");
    lock("works", child.pid ?? 0);
    lock("gone", NOBODY);
    expect(releaseStaleLocks(folder)).toMatchObject({ released: [{ pid: NOBODY }], held: [{ pid: child.pid }] });
    expect(left()).toEqual(["works.json"]);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  expect(releaseStaleLocks(folder).held).toEqual([]);
  expect(left()).toEqual([]);
});

test("of another machine is never touched: its processes can't be seen from here", () => {
  lock("elsewhere", NOBODY, "another-host");
  expect(releaseStaleLocks(folder)).toEqual({ released: [], held: [] });
  expect(left()).toEqual(["elsewhere.json"]);
});

test("that is nothing the engine writes is left to the engine", () => {
  writeFileSync(join(folder, "half.json"), '{"pid":');
  writeFileSync(join(folder, "strange.json"), '{"pid":-1,"hostname":"x","timestamp":""}');
  mkdirSync(join(folder, "folder"));
  expect(releaseStaleLocks(folder)).toEqual({ released: [], held: [] });
  expect(left()).toHaveLength(2);
  expect(releaseStaleLocks(join(folder, "missing"))).toEqual({ released: [], held: [] });
});
