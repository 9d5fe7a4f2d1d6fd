/**
 * Puts an engine into the project's cache: made in a folder of its own, tried, then renamed into place, so that no other
 * process ever sees half of one, and two set-ups at once both end with a whole one. Writes the cache folder only.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findCached, RECORD, versionOf } from "./find";
import { cachedRoot, ENGINE_VERSION, EngineError, EXECUTABLES, isExecutable, type Engine } from "./layout";

/** Fills `bin/` of an empty folder with the engine's executables. May leave other files there. */
export type Fill = (folder: string) => Promise<void>;

/**
 * @throws what `fill` throws, or an Error saying what is wrong with what it made; the cache is then as it was
 */
export async function install(
  env: NodeJS.ProcessEnv,
  made: Pick<Engine, "source" | "origin">,
  fill: Fill,
): Promise<Engine> {
  const root = cachedRoot(env);
  mkdirSync(dirname(root), { recursive: true });
  removeLeftovers(root);
  const draft = mkdtempSync(`${root}.partial-${process.pid}-`);
  try {
    await fill(draft);
    const version = await tryOut(draft, env);
    writeFileSync(join(draft, RECORD), JSON.stringify({ version, origin: made.origin }));
    publish(draft, root, env);
    const bin = join(root, "bin");
    return { root, bin, pulumi: join(bin, "pulumi"), version, ...made };
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Does what was made run, and is it what was meant? */
async function tryOut(draft: string, env: NodeJS.ProcessEnv): Promise<string> {
  const bin = join(draft, "bin");
  const broken = EXECUTABLES.find((name) => !isExecutable(join(bin, name)));
  if (broken !== undefined) throw new EngineError(`${broken} is missing or not executable`);
  const version = await versionOf(join(bin, "pulumi"), env);
  if (version !== ENGINE_VERSION) throw new EngineError(`it is version ${version}, not ${ENGINE_VERSION}`);
  return version;
}

/** Moves the finished draft into place. What another set-up finished meanwhile stays; a broken copy makes room. */
function publish(draft: string, root: string, env: NodeJS.ProcessEnv): void {
  if ("engine" in findCached(env)) return;
  try {
    if (existsSync(root)) renameSync(root, join(draft, "broken"));
    renameSync(draft, root);
    rmSync(join(root, "broken"), { recursive: true, force: true });
  } catch (error) {
    // The other set-up may have been faster between two of these steps.
    if (!("engine" in findCached(env))) throw error;
  }
}

/** Drafts of set-ups that were killed: hundreds of megabytes each. */
function removeLeftovers(root: string): void {
  const prefix = `${basename(root)}.partial-`;
  for (const name of readdirSync(dirname(root)).filter((entry) => entry.startsWith(prefix))) {
    const owner = Number(name.slice(prefix.length).split("-")[0]);
    if (!isAlive(owner)) rmSync(join(dirname(root), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
