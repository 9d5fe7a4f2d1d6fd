/** Docker Compose for the guests: pinned by its Go module, and part of the image's name in the cache. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageCache } from "../../../lab/guests/cache";
import { composePin, composePlugin, composeProblem, readPin } from "../../../lab/guests/compose";
import { RECIPE, recipeHash } from "../../../lab/guests/recipe";

const MOD = "module x\n\ngo 1.26.8\n\nrequire (\n\tgithub.com/docker/compose/v5 v5.6.0 // indirect\n)\n";

test("version and Go are the module's own", () => {
  expect(readPin(MOD, "")).toMatchObject({ version: "v5.6.0", go: "1.26.8" });
  expect(composePin().version).toMatch(/^v5\.\d+\.\d+$/);
  expect(() => readPin("module x\n", "")).toThrow("lab/guests/compose/go.mod has no line that requires");
});

test("another version, or another sum, is another plugin and another image", () => {
  const hash = (mod: string, sum: string) => readPin(mod, sum).hash;
  expect(new Set([hash(MOD, ""), hash(MOD, "sum"), hash(MOD.replace("v5.6.0", "v5.7.0"), "")]).size).toBe(3);
  const recipes = [RECIPE, { ...RECIPE, compose: "1" }, { ...RECIPE, compose: "2" }].map(recipeHash);
  expect(new Set(recipes).size).toBe(3);
  expect(imageCache().dir).toContain(recipeHash({ ...RECIPE, compose: composePin().hash }));
});

test("where there is no Go to build it with, the reason says which one to install", () => {
  const empty = mkdtempSync(join(tmpdir(), "no-go-"));
  const { PATH, XDG_CACHE_HOME } = process.env;
  try {
    Object.assign(process.env, { PATH: empty, XDG_CACHE_HOME: empty });
    expect(composePlugin()).toContain(empty);
    expect(composeProblem(true)).toMatch(
      /built here with Go 1\.\d+\.\d+ or newer, and there is no go on PATH: install/,
    );
  } finally {
    process.env.PATH = PATH;
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
    rmSync(empty, { recursive: true });
  }
});
