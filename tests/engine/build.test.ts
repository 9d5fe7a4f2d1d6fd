import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forwarder } from "../../providers/resource";
import { projectRoot } from "../support/shared";
import { tinyCheckout, withScratch } from "./support/scratch";

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

function node(folder: string, ...args: string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: 30_000,
  });
  return { code: status, said: stdout + stderr };
}

const build = (folder: string): Ended => node(folder, "engine/build.cjs");

/** Enters the program as Pulumi's language host does, by the folder's package.json. */
const program = (folder: string): Ended =>
  node(
    folder,
    "-e",
    `try { console.log(require(${JSON.stringify(folder)}).said) } catch (e) { console.log(e.message); process.exit(3) }`,
  );

const write = (folder: string, name: string, text: string): void => {
  writeFileSync(join(folder, name), text);
};

describe("the build and the program's entry", () => {
  test("follow the sources through edits, checkouts, renames and errors", () =>
    withScratch((folder) => {
      tinyCheckout(folder);

      expect(program(folder)).toEqual({ code: 3, said: expect.stringContaining("bin/ is missing") as string });
      expect(program(folder).said).toContain("npm run build");
      expect(build(folder)).toMatchObject({ code: 0 });
      expect(program(folder)).toEqual({ code: 0, said: "first\n" });

      // Nothing to do: the compiler is not called, which shows in its output's time.
      const before = statSync(join(folder, "bin/word.js")).mtimeMs;
      expect(build(folder).said).toBe("up to date\n");
      expect(statSync(join(folder, "bin/word.js")).mtimeMs).toBe(before);

      // A checkout gives files new times: that alone is not stale.
      utimesSync(join(folder, "word.ts"), new Date(), new Date());
      expect(program(folder).code).toBe(0);

      // Same size, other content; an older time than the build's, as after unpacking an archive.
      write(folder, "word.ts", `export const word: string = "other";\n`);
      utimesSync(join(folder, "word.ts"), new Date(0), new Date(0));
      expect(program(folder)).toEqual({
        code: 3,
        said: expect.stringContaining("bin/ is older than word.ts") as string,
      });
      expect(build(folder).code).toBe(0);
      expect(program(folder).said).toBe("other\n");

      // A type error fails the build, and what the compiler wrote nevertheless is not run.
      write(folder, "word.ts", `export const word: string = 7;\n`);
      expect(build(folder)).toEqual({
        code: 1,
        said: expect.stringContaining("word.ts(1,14): error TS2322") as string,
      });
      expect(program(folder).code).toBe(3);
      // Back to the source of the last good build: its output is gone, so that is stale, too.
      write(folder, "word.ts", `export const word: string = "other";\n`);
      expect(program(folder)).toEqual({ code: 3, said: expect.stringContaining("bin/word.js is not what") as string });
      expect(build(folder).code).toBe(0);
      expect(program(folder).said).toBe("other\n");

      // A source that is gone takes its output with it.
      write(folder, "index.ts", `export const said = "alone";\n`);
      unlinkSync(join(folder, "word.ts"));
      expect(program(folder).code).toBe(3);
      expect(build(folder).code).toBe(0);
      expect(existsSync(join(folder, "bin/word.js"))).toBe(false);
      expect(existsSync(join(folder, "bin/word.js.map"))).toBe(false);
      expect(program(folder).said).toBe("alone\n");
    }));

  test("build what was deleted from bin/, and take a new test for no reason to stop the program", () =>
    withScratch((folder) => {
      tinyCheckout(folder);
      build(folder);
      rmSync(join(folder, "bin/word.js"));
      expect(program(folder)).toEqual({ code: 3, said: expect.stringContaining("bin/word.js") as string });
      expect(build(folder).code).toBe(0);
      write(folder, "tests/new.test.ts", "export const nothing = 0;\n");
      expect(program(folder)).toEqual({ code: 0, said: "first\n" });
      expect(build(folder).said).toContain("bin/ is older than tests/new.test.ts");
    }));

  test("keep a provider's process, too, from running what is not the sources'", () =>
    withScratch((folder) => {
      tinyCheckout(folder);
      write(folder, "life.ts", `export const lifecycle = "today's";\n`);
      write(folder, "state.cjs", forwarder("life"));
      const enter =
        'try { console.log(require("./state.cjs").handler()) } catch (e) { console.log(`${e}: ${e.stack}`) }';
      const provider = (): string => node(folder, "-e", enter).said;

      expect(provider()).toMatch(/^Error: bin\/ is missing or was never finished\. Build it, .*npm run build: $/m);
      build(folder);
      expect(provider()).toBe("today's\n");
      write(folder, "word.ts", `export const word: string = "newer";\n`);
      expect(provider()).toContain("bin/ is older than word.ts");
    }));

  test("end with the engine's own error, which is shown without a stack", () =>
    withScratch((folder) => {
      tinyCheckout(folder);
      rmSync(join(folder, "node_modules"), { recursive: true });
      symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
      const print = "console.log(require('@pulumi/pulumi').RunError.isInstance(e))";
      const ended = node(folder, "-e", `try { require(${JSON.stringify(folder)}) } catch (e) { ${print} }`);
      expect(ended.said).toBe("true\n");
    }));

  test("work with the real compiler, whose complaints are shown", () =>
    withScratch((folder) => {
      tinyCheckout(folder);
      rmSync(join(folder, "node_modules"), { recursive: true });
      symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
      const options = { rootDir: ".", outDir: "bin", module: "node16", types: [], incremental: true, noLib: true };
      write(folder, "tsconfig.json", JSON.stringify({ compilerOptions: options, files: ["index.ts"] }));
      expect(build(folder).said).toContain("error TS2318: Cannot find global type");
      expect(existsSync(join(folder, "bin/.stamp.json"))).toBe(false);
    }));

  test("are taken over from a killed build, whose lock is left", () =>
    withScratch((folder) => {
      tinyCheckout(folder);
      const dead = Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
      spawnSync("mkdir", [join(folder, ".infinity")]);
      write(folder, ".infinity/build.lock", String(dead));
      expect(build(folder).code).toBe(0);
      expect(existsSync(join(folder, ".infinity/build.lock"))).toBe(false);
    }));
});

describe("the installed dependencies", () => {
  interface Dependencies {
    missing(root: string): string | undefined;
  }
  const { missing } = jest.requireActual<Dependencies>(join(projectRoot, "engine/dependencies.cjs"));
  const lock = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages });

  test("are those of this checkout's lock file", () => {
    expect(missing(projectRoot)).toBeUndefined();
  });

  test("are missing where npm never finished, and where a version differs from the locked one", () =>
    withScratch((folder) => {
      const wanted = { "": { name: "x" }, "node_modules/a": { version: "1.0.0" } };
      const optional = { "node_modules/b": { version: "1.0.0", optional: true } };
      write(folder, "package-lock.json", lock({ ...wanted, ...optional }));
      expect(missing(folder)).toMatch("never finished");
      spawnSync("mkdir", [join(folder, "node_modules")]);
      expect(missing(folder)).toMatch("never finished");
      write(folder, "node_modules/.package-lock.json", lock({ "node_modules/a": { version: "1.0.0" } }));
      expect(missing(folder)).toBeUndefined();
      write(folder, "node_modules/.package-lock.json", lock({ "node_modules/a": { version: "0.9.0" } }));
      expect(missing(folder)).toBe("node_modules/a is not at its locked version");
      write(folder, "node_modules/.package-lock.json", lock({}));
      expect(missing(folder)).toBe("node_modules/a is not at its locked version");
    }));

  test("are not installed again while they are as locked: set-up goes straight on", () =>
    withScratch((folder) => {
      tinyCheckout(folder);
      write(folder, "word.ts", "export const word: string = 7;\n");
      const ended = node(folder, "engine/setup.cjs", "engine");
      expect(ended).toEqual({ code: 1, said: expect.stringContaining("[setup] dependencies: as locked") as string });
      expect(ended.said).toContain("[setup] build: bin/ is missing or was never finished; compiling ...");
      expect(ended.said).toMatch(/error TS2322\nThe build failed\.\n$/);
    }));
});
