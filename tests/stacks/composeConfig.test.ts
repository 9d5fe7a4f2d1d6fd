/**
 * Docker Compose itself takes every stack, as somebody would run it who copied .env.example: the Compose of the lab's guests,
 * which needs no daemon for it, or the machine's own.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { stackFolders } from "../../components/stackFolders";
import { composeFile, EXAMPLE, variantsOf } from "../../house/stacks/folder";
import { parseStack } from "../../house/stacks/parse";
import { composePlugin, composeProblem, ensureCompose } from "../../lab/guests/compose";
import { mayInstall } from "../guests/available";
import { projectRoot } from "../support/shared";

const folders = stackFolders(join(projectRoot, "stacks"));
const EACH = folders.names.flatMap((name) => {
  const folder = folders.read(name);
  const variants = folder ? [undefined, ...variantsOf(folder)] : [];
  return variants.map((variant) => [`${name}/${composeFile(variant)}`, name, variant] as const);
});

const hasOwn = spawnSync("docker", ["compose", "version"], { encoding: "utf8" }).status === 0;

/** CI on Linux brings it in: there a machine that can't have it fails. */
const bringsIn = mayInstall && process.platform === "linux";

let command: readonly [string, ...string[]];
let home: string;

const Config = z.object({
  services: z.record(z.string(), z.object({ environment: z.record(z.string(), z.string().nullable()).optional() })),
});

function config(directory: string, file: string, env: Readonly<Record<string, string>>) {
  const [program, ...first] = command;
  const args = [
    ...first,
    "--env-file",
    join(directory, EXAMPLE),
    "-f",
    join(directory, file),
    "config",
    "--format",
    "json",
  ];
  return spawnSync(program, args, { encoding: "utf8", env: { PATH: process.env.PATH, HOME: home, ...env } });
}

function suite(): void {
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "compose-config-"));
    const built = bringsIn || existsSync(composePlugin());
    command = built ? [ensureCompose(bringsIn)] : ["docker", "compose"];
  }, 20 * 60_000);
  afterAll(() => {
    rmSync(home, { recursive: true });
  });

  test.each(EACH)("%s", (path, name, variant) => {
    const folder = folders.read(name);
    const parsed = folder && parseStack(folder, variant);
    if (!parsed || !("stack" in parsed)) throw new Error(`${path} is broken`);
    const { variables, services } = parsed.stack;
    const blank = variables.filter(({ example, commented }) => example === "" && !commented);
    const filled = Object.fromEntries(blank.map((variable) => [variable.name, "x"]));
    const run = config(join(projectRoot, "stacks", name), composeFile(variant), filled);
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    const seen = Config.parse(JSON.parse(run.stdout)).services;
    expect(Object.keys(seen).sort()).toEqual(Object.keys(services).sort());
    // What nobody gave doesn't reach the container as an empty text.
    const optional = new Set(variables.flatMap((variable) => (variable.commented ? [variable.name] : [])));
    const handed = Object.values(seen).flatMap(({ environment = {} }) => Object.entries(environment));
    expect(handed.filter(([key, value]) => optional.has(key) && value !== null)).toEqual([]);
  });

  test("it is asked for real: a file that is no Compose is refused", () => {
    writeFileSync(join(home, EXAMPLE), "");
    writeFileSync(
      join(home, "docker-compose.yml"),
      "name: x\nservices:\n  x:\n    image: x:1.2\n    depends_on: [y]\n",
    );
    const { status, stderr } = config(home, "docker-compose.yml", {});
    expect(status).toBe(1);
    expect(stderr).toContain('depends on undefined service "y"');
  });
}

const reason =
  bringsIn || hasOwn || existsSync(composePlugin())
    ? undefined
    : (composeProblem(false) ?? "it is not built yet: npx infinity lab up --guests qemu does, and CI");
if (reason !== undefined) console.log(`left out: docker compose takes every stack: ${reason}`);
(reason === undefined ? describe : describe.skip)("docker compose takes", suite);
