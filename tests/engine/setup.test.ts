import { spawn, spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { script, tinyCheckout, withScratch } from "./support/scratch";

/** A checkout whose engine is found at once and whose command line is `main`. */
function checkout(folder: string, main: string): void {
  tinyCheckout(folder);
  const engine = `{ version: "3.0.0", source: "on PATH", bin: "/b" }`;
  writeFileSync(join(folder, "engine/engine.ts"), `export const ensureEngine = () => Promise.resolve(${engine});\n`);
  writeFileSync(join(folder, "cli/main.ts"), `export const job = ${main};\n`);
}

const setup = (folder: string, ...args: string[]): { code: number | null; stdout: string; stderr: string } => {
  const ended = spawnSync(process.execPath, ["engine/setup.cjs", ...args], {
    cwd: folder,
    encoding: "utf8",
    timeout: 30_000,
  });
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
};

describe("the set-up", () => {
  test("says each step, hands the arguments to the job and ends as it ends", () =>
    withScratch((folder) => {
      checkout(folder, "(console.log(process.argv.slice(2).join()), (process.exitCode = 7))");
      const first = setup(folder, "start", "--fast");
      expect(first.code).toBe(7);
      expect(first.stdout).toMatch(
        /^\[setup\] dependencies: as locked\n\[setup\] build: .*\n\[setup\] build: done in [\d.]+ s\n\[setup\] engine: pulumi 3\.0\.0, on PATH, \/b \([\d.]+ s\)\n\[setup\] ready in [\d.]+ s\nstart,--fast\n$/,
      );
      expect(setup(folder, "start").stdout).toContain("[setup] build: up to date\n");
    }));

  test("passes a request to end on to the job", () =>
    withScratch(async (folder) => {
      checkout(
        folder,
        `(process.on("SIGTERM", () => process.exit(5)), setInterval(() => undefined, 1000), console.log("running"))`,
      );
      const child = spawn(process.execPath, ["engine/setup.cjs", "start"], { cwd: folder, timeout: 30_000 });
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        if (text.includes("running")) child.kill("SIGTERM");
      });
      const code = await new Promise((resolve) => child.on("exit", resolve));
      expect(code).toBe(5);
    }));

  test("shows what npm said where it fails, and stops there", () =>
    withScratch((folder) => {
      checkout(folder, "0");
      rmSync(join(folder, "node_modules"), { recursive: true });
      script(join(folder, "tools/npm"), 'echo "asked: $*"; echo refused >&2; exit 3');
      const env = { ...process.env, npm_execpath: undefined, PATH: `${join(folder, "tools")}:/usr/bin:/bin` };
      const ended = spawnSync(process.execPath, ["engine/setup.cjs", "start"], { cwd: folder, encoding: "utf8", env });
      expect(ended.status).toBe(1);
      const started = "[setup] dependencies: node_modules/ is missing or was never finished; running npm ci ...\n";
      expect(ended.stdout).toBe(started);
      expect(ended.stderr).toBe(
        "asked: ci --include=dev\nrefused\nnpm ci failed: is the package registry reachable?\n",
      );
    }));

  test("names the jobs it knows where it is asked for another one", () =>
    withScratch((folder) => {
      checkout(folder, "0");
      const usage = "usage: node engine/setup.cjs start|test|bench|engine [arguments]\n";
      expect(setup(folder, "toString")).toEqual({ code: 1, stdout: "", stderr: usage });
    }));

  test("is silent on the command line's standard output", () =>
    withScratch((folder) => {
      checkout(folder, "0");
      const prepare = ["-e", `require("./engine/setup.cjs").prepare(); console.log("own")`];
      const ended = spawnSync(process.execPath, prepare, { cwd: folder, encoding: "utf8", timeout: 30_000 });
      expect(ended).toMatchObject({ status: 0, stdout: "own\n" });
      expect(ended.stderr).toContain("[setup] build: done in ");
    }));

  test("twice at the same time builds once", () =>
    withScratch(async (folder) => {
      checkout(folder, "0");
      const build = (): Promise<string> =>
        new Promise((resolve) => {
          let said = "";
          const child = spawn(process.execPath, ["engine/build.cjs"], { cwd: folder, timeout: 30_000 });
          child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
          child.on("close", (code) => {
            resolve(`${said}exit ${code ?? "by a signal"}`);
          });
        });
      const both = await Promise.all([build(), build(), build()]);
      for (const said of both) expect(said).toMatch(/(built in [\d.]+ s|up to date)\nexit 0$/);
      expect(both.filter((said) => said.includes("built in"))).toHaveLength(1);
    }));
});
