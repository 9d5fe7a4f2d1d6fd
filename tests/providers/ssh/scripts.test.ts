import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directoryCommand, writeCommand } from "../../../providers/ssh/scripts";

const run = ([program = "", ...args]: readonly string[], input = "") =>
  spawnSync(program, args, { input, encoding: "utf8" });

describe("the scripts, run by this machine's shell", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "infinity scripts' "));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(["plain", "a b'c", "$(id)", "*", "-f", "é\n"])("writes a file named %j whole, with its mode", (name) => {
    const path = join(folder, name);
    expect(run(writeCommand(path, 0o640, undefined, 6), "hello\n")).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(path, "utf8")).toBe("hello\n");
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    expect(readdirSync(folder)).toEqual([name]);
  });

  it("leaves the former file where not all of the new one arrived", () => {
    const path = join(folder, "keep");
    writeFileSync(path, "former");
    expect(run(writeCommand(path, 0o600, undefined, 100), "half").status).toBe(75);
    expect(readFileSync(path, "utf8")).toBe("former");
    expect(readdirSync(folder)).toEqual(["keep"]);
  });

  it("removes what a killed run left an hour ago, and only that", () => {
    const path = join(folder, "f");
    for (const name of [".f.infinity-old", ".f.infinity-new", ".g.infinity-old"])
      writeFileSync(join(folder, name), "x");
    const old = Date.now() / 1000 - 2 * 3600;
    for (const name of [".f.infinity-old", ".g.infinity-old"]) utimesSync(join(folder, name), old, old);
    expect(run(writeCommand(path, 0o644, undefined, 1), "x").status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([".f.infinity-new", ".g.infinity-old", "f"]);
  });

  it("makes a folder with those above it, and sets its mode also where it is there", () => {
    const path = join(folder, "a/b c");
    for (const mode of [0o700, 0o755]) {
      expect(run(directoryCommand(path, mode, undefined))).toMatchObject({ status: 0, stderr: "" });
      expect(statSync(path).mode & 0o7777).toBe(mode);
    }
  });
});
