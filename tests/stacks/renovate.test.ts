/** The updater's configuration fits the stacks: what is critical or important is never merged unasked, a database's major never proposed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { stackFolders } from "../../components/stackFolders";
import { composeFile, variantsOf } from "../../house/stacks/folder";
import { parseStack } from "../../house/stacks/parse";
import { projectRoot } from "../support/shared";

const Rule = z.strictObject({
  description: z.string().optional(),
  matchUpdateTypes: z.array(z.string()).optional(),
  matchFileNames: z.array(z.string()).optional(),
  matchPackageNames: z.array(z.string()).optional(),
  automerge: z.boolean().optional(),
  enabled: z.boolean().optional(),
  groupName: z.string().optional(),
  versioning: z.string().optional(),
});

const { packageRules, ...general } = z
  .looseObject({ packageRules: z.array(Rule), extends: z.array(z.string()) })
  .parse(JSON.parse(readFileSync(join(projectRoot, "renovate.json"), "utf8")));

interface Update {
  readonly file: string;
  readonly image: string;
  readonly type: string;
}

/** As Renovate puts rules together: every matcher of a rule has to fit, and later rules win. */
function decided({ file, image, type }: Update): { automerge: boolean; enabled: boolean } {
  const inFolder = (pattern: string) => file.startsWith(pattern.replace(/\*\*$/, ""));
  const fitting = packageRules.filter(
    (rule) =>
      (rule.matchUpdateTypes?.includes(type) ?? true) &&
      (rule.matchFileNames?.some(inFolder) ?? true) &&
      (rule.matchPackageNames?.includes(image) ?? true),
  );
  return {
    automerge: fitting.reduce((so, { automerge }) => automerge ?? so, false),
    enabled: fitting.reduce((so, { enabled }) => enabled ?? so, true),
  };
}

const folders = stackFolders(join(projectRoot, "stacks"));

const containers = folders.names.flatMap((name) => {
  const folder = folders.read(name);
  return [undefined, ...(folder ? variantsOf(folder) : [])].flatMap((variant) => {
    const parsed = folder && parseStack(folder, variant);
    if (!parsed || !("stack" in parsed)) throw new Error(`${name} is broken`);
    const { stack } = parsed;
    return Object.entries(stack.services).map(([service, { image }]) => ({
      file: `stacks/${name}/${composeFile(variant)}`,
      image: image.name,
      missed: stack.priority !== "none",
      database: stack.backup.postgres?.[service] !== undefined,
    }));
  });
});

const TYPES = ["major", "minor", "patch", "pin", "digest"];
const updates = containers.flatMap((container) => TYPES.map((type) => ({ ...container, type })));

test("images are pinned to their digests", () => {
  expect(general.extends).toContain("docker:pinDigests");
});

test("nothing critical or important, no database and no major version is merged unasked", () => {
  const unasked = updates.filter((update) => decided(update).automerge && decided(update).enabled);
  expect(unasked.filter(({ missed, database, type }) => missed || database || type === "major")).toEqual([]);
  // And the rule is not that nothing is ever merged.
  expect(unasked.map(({ file }) => file)).toContain("stacks/navidrome/docker-compose.yml");
});

test("a database's next major version is not proposed, its fixes are", () => {
  const databases = updates.filter(({ database }) => database);
  expect(databases.filter(({ type }) => type === "major").filter((one) => decided(one).enabled)).toEqual([]);
  expect(databases.filter(({ type }) => type === "digest").every((one) => decided(one).enabled)).toBe(true);
});

test("every stack and image that it names is there", () => {
  const files = packageRules.flatMap(({ matchFileNames = [] }) => matchFileNames);
  const known = [...folders.names.map((name) => `stacks/${name}/**`), "lab/guests/compose/**"];
  expect(files.filter((pattern) => !known.includes(pattern))).toEqual([]);
  const images = new Set(containers.map(({ image }) => image));
  expect(
    packageRules.flatMap(({ matchPackageNames = [] }) => matchPackageNames).filter((one) => !images.has(one)),
  ).toEqual([]);
});
