import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { minimumGo } from "../../engine/build-from-go";
import { ensureEngine } from "../../engine/engine";
import { cachedRoot, ENGINE_VERSION } from "../../engine/layout";
import { fakeEngine, script, withScratch } from "./support/scratch";

/** Nothing listens on port 9 of this machine: the download fails at once. */
const environment = (folder: string): NodeJS.ProcessEnv => ({
  PATH: `${join(folder, "tools")}:/usr/bin:/bin`,
  XDG_CACHE_HOME: join(folder, "cache"),
  INFINITY_ENGINE_URL: "http://127.0.0.1:9",
});

/** A `go` that notes what it is asked and puts a script where the program should go. */
function fakeGo(
  folder: string,
  version: string,
  build = `printf '#!/bin/sh\\necho v${ENGINE_VERSION}\\n' > "$out"; chmod +x "$out"`,
): void {
  script(
    join(folder, "tools/go"),
    `if [ "$1" = env ]; then echo ${version}; exit; fi
echo "$PWD $GOFLAGS $GOTOOLCHAIN $*" >> ${folder}/asked
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
${build}`,
  );
}

const go = `go${minimumGo()}`;

describe("the engine", () => {
  test("is the one on PATH before all others, and nothing else is tried", () =>
    withScratch(async (folder) => {
      fakeEngine(join(folder, "tools"), "v3.240.0");
      fakeGo(folder, go);
      const said: string[] = [];
      const engine = await ensureEngine({ env: environment(folder), say: (line) => said.push(line) });
      expect(engine).toMatchObject({ source: "on PATH", version: "3.240.0", root: undefined });
      expect(said).toEqual([]);
      expect(existsSync(join(folder, "asked"))).toBe(false);
    }));

  test("is built from Go modules where there is no other, each from its own module, verified by go.sum", () =>
    withScratch(async (folder) => {
      fakeGo(folder, go);
      const said: string[] = [];
      const engine = await ensureEngine({ env: environment(folder), say: (line) => said.push(line) });
      expect(engine).toMatchObject({ source: "built from Go modules", origin: "go", version: ENGINE_VERSION });
      const asked = readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
      expect(asked).toHaveLength(2);
      expect(asked[0]).toMatch(/engine\/cli -mod=readonly local build .*Version=v3\.259\.0 .*pkg\/v3\/cmd\/pulumi$/);
      expect(asked[1]).toMatch(/engine\/language-nodejs -mod=readonly local build .*cmd\/pulumi-language-nodejs$/);
      expect(said.slice(0, 3)).toEqual([
        "no pulumi on PATH",
        "no cached copy",
        expect.stringMatching(/^downloading pulumi/),
      ]);
      expect(said[3]).toMatch(/^the download failed: http:\/\/127\.0\.0\.1:9/);
      expect(said[4]).toMatch(/^building pulumi/);

      const again = await ensureEngine({ env: environment(folder) });
      expect(again).toEqual({ ...engine, source: "the cached copy" });
    }));

  test("replaces a cached copy that has lost a part, and clears what a killed set-up left", () =>
    withScratch(async (folder) => {
      const root = cachedRoot(environment(folder));
      const [dead, alive] = [`${root}.partial-99999999-abc`, `${root}.partial-${process.pid}-abc`];
      for (const left of [dead, alive]) mkdirSync(left, { recursive: true });
      fakeEngine(join(root, "bin"), `v${ENGINE_VERSION}`, "pulumi-language-nodejs");
      writeFileSync(join(root, "engine.json"), JSON.stringify({ version: ENGINE_VERSION, origin: "go" }));
      fakeGo(folder, go);
      expect(await ensureEngine({ env: environment(folder) })).toMatchObject({ source: "built from Go modules" });
      expect(existsSync(join(root, "bin/pulumi-language-nodejs"))).toBe(true);
      expect(existsSync(dead)).toBe(false);
      expect(existsSync(alive)).toBe(true);
    }));

  test("that can't be had ends in one message: what was tried, and what to install", () =>
    withScratch(async (folder) => {
      fakeGo(folder, "go1.20.1");
      const failed = await ensureEngine({ env: environment(folder) }).catch((error: unknown) => error as Error);
      expect(failed).toMatchObject({ name: "EngineError" });
      const { message } = failed as Error;
      expect(message).toContain("  - no pulumi on PATH\n  - no cached copy\n  - the download failed: ");
      expect(message).toContain(`  - go 1.20.1 is older than ${minimumGo()}\n`);
      expect(message).toMatch(/Install Pulumi 3\.229\.0 or newer .*\nor Go 1\.\S+ or newer/);
      expect(existsSync(cachedRoot(environment(folder)))).toBe(false);
    }));

  test("that fails to build says what Go said, and leaves nothing", () =>
    withScratch(async (folder) => {
      fakeGo(folder, go, "echo 'verifying module: checksum mismatch' >&2; exit 1");
      await expect(ensureEngine({ env: environment(folder) })).rejects.toThrow(
        /exit code 1:\nverifying module: checksum mismatch/,
      );
      expect(existsSync(dirname(cachedRoot(environment(folder))))).toBe(true);
      expect(existsSync(cachedRoot(environment(folder)))).toBe(false);
    }));

  test("is not looked for with Go where there is none", () =>
    withScratch(async (folder) => {
      await expect(ensureEngine({ env: environment(folder) })).rejects.toThrow("  - no go on PATH\n");
    }));
});
