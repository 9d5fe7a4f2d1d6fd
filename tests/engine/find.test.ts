import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { findCached, findOnPath } from "../../engine/find";
import { cachedRoot, compareVersions, ENGINE_VERSION, EXECUTABLES, MINIMUM_VERSION } from "../../engine/layout";
import { fakeEngine, script, withScratch } from "./support/scratch";

/** PATH with the system's own tools, which the scripts need, and with `folders` before them. */
const env = (cache: string, ...folders: string[]): NodeJS.ProcessEnv => ({
  PATH: [...folders, "/usr/bin", "/bin"].join(":"),
  XDG_CACHE_HOME: cache,
});

describe("pulumi on PATH", () => {
  test.each([MINIMUM_VERSION, "v3.259.0", "v3.300.1", "4.0.0", "v3.260.0-alpha.x1"])("will do as %s", (version) =>
    withScratch(async (folder) => {
      const bin = join(folder, "bin");
      fakeEngine(bin, version);
      const { engine } = (await findOnPath(env(folder, bin))) as { engine: unknown };
      const found = { root: undefined, bin, pulumi: join(bin, "pulumi"), source: "on PATH", origin: "official" };
      expect(engine).toEqual({ ...found, version: version.replace(/^v/, "") });
    }),
  );

  test("is too old where its exit codes say nothing", () =>
    withScratch(async (folder) => {
      fakeEngine(folder, "v3.226.0");
      const reason = `${folder}/pulumi is 3.226.0, older than ${MINIMUM_VERSION}`;
      expect(await findOnPath(env(folder, folder))).toEqual({ reason });
    }));

  test("is the first one: a good one behind an old one does not count, as it would not for the user", () =>
    withScratch(async (folder) => {
      fakeEngine(join(folder, "old"), "v3.1.0");
      fakeEngine(join(folder, "new"), "v3.259.0");
      const found = await findOnPath(env(folder, join(folder, "old"), join(folder, "new")));
      expect(found).toEqual({ reason: expect.stringContaining("is 3.1.0, older") as string });
    }));

  test("may have its language host elsewhere on PATH, but has to have one", () =>
    withScratch(async (folder) => {
      const [bin, other] = [join(folder, "bin"), join(folder, "other")];
      fakeEngine(bin, "v3.259.0", "pulumi-language-nodejs");
      expect(await findOnPath(env(folder, bin))).toEqual({
        reason: `${bin}/pulumi comes without pulumi-language-nodejs`,
      });
      script(join(other, "pulumi-language-nodejs"), "exit 0");
      expect(await findOnPath(env(folder, bin, other))).toHaveProperty("engine");
    }));

  test("may be a link into an installation that holds the language host", () =>
    withScratch(async (folder) => {
      fakeEngine(join(folder, "installed"), "v3.259.0");
      mkdirSync(join(folder, "bin"));
      symlinkSync(join(folder, "installed/pulumi"), join(folder, "bin/pulumi"));
      expect(await findOnPath(env(folder, join(folder, "bin")))).toHaveProperty("engine.bin", join(folder, "bin"));
    }));

  test("is no engine where it fails or answers nonsense", () =>
    withScratch(async (folder) => {
      fakeEngine(folder, "no version");
      expect(await findOnPath(env(folder, folder))).toEqual({
        reason: expect.stringContaining("is no version") as string,
      });
      script(join(folder, "pulumi"), "echo broken library >&2; exit 127");
      const { reason } = (await findOnPath(env(folder, folder))) as { reason: string };
      expect(reason).toBe(`${folder}/pulumi version failed with exit code 127:\nbroken library`);
    }));

  test("is not there where PATH is empty or holds a file that can't be run", () =>
    withScratch(async (folder) => {
      expect(await findOnPath({})).toEqual({ reason: "no pulumi on PATH" });
      script(join(folder, "pulumi"), "echo v3.259.0", 0o644);
      expect(await findOnPath(env(folder, folder))).toEqual({ reason: "no pulumi on PATH" });
    }));
});

describe("the cached copy", () => {
  const record = (root: string, text: string): void => {
    writeFileSync(join(root, "engine.json"), text);
  };

  test("is found whole, and not without its record or with a file lost", () =>
    withScratch((folder) => {
      const root = cachedRoot(env(folder));
      expect(findCached(env(folder))).toEqual({ reason: "no cached copy" });
      fakeEngine(join(root, "bin"), "v3.259.0");
      expect(findCached(env(folder))).toEqual({ reason: "no cached copy" });
      record(root, JSON.stringify({ version: ENGINE_VERSION, origin: "go" }));
      const bin = join(root, "bin");
      expect(findCached(env(folder))).toEqual({
        engine: {
          root,
          bin,
          pulumi: `${bin}/pulumi`,
          version: ENGINE_VERSION,
          origin: "go",
          source: "the cached copy",
        },
      });
      rmSync(join(bin, EXECUTABLES[1]));
      expect(findCached(env(folder))).toEqual({ reason: `the cached copy in ${root} has lost ${EXECUTABLES[1]}` });
      record(root, "{");
      expect(findCached(env(folder))).toEqual({ reason: "no cached copy" });
    }));

  test("lies in the user's cache folder", () => {
    expect(cachedRoot({ XDG_CACHE_HOME: "/c", HOME: "/h" })).toMatch(/^\/c\/infinity-node\/engine\/3\.259\.0-/);
    const home = process.platform === "darwin" ? "/h/Library/Caches" : "/h/.cache";
    expect(cachedRoot({ HOME: "/h" }).startsWith(`${home}/infinity-node/`)).toBe(true);
  });
});

describe("versions", () => {
  const version = fc.tuple(fc.nat(500), fc.nat(500), fc.nat(500));
  const text = (parts: readonly number[]): string => parts.join(".");

  test("are ordered by number, place by place", () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const place = a.findIndex((part, index) => part !== b[index]);
        const expected = place === -1 ? 0 : Math.sign((a[place] ?? 0) - (b[place] ?? 0));
        expect(compareVersions(text(a), text(b))).toBe(expected);
        expect(compareVersions(text(b), text(a))).toBe(expected === 0 ? 0 : -expected);
      }),
    );
  });
});
