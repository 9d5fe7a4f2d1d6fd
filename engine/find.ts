/** Looks for an engine that is already there: the user's own on PATH, then the project's cached copy. Starts `pulumi version`. */
import { readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { EXECUTABLES, cachedRoot, compareVersions, isExecutable, MINIMUM_VERSION, type Engine } from "./layout";
import { runTool } from "./tool";

/** An engine, or why there is none: `no pulumi on PATH`. */
export type Finding = { readonly engine: Engine } | { readonly reason: string };

/** Written into a copy after it was tried: its presence means that the copy is whole. */
export const RECORD = "engine.json";

const foldersOf = (env: NodeJS.ProcessEnv): string[] =>
  (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");

const firstOn = (folders: readonly string[], name: string): string | undefined =>
  folders.map((folder) => join(folder, name)).find(isExecutable);

/**
 * What `pulumi version` says, without the `v`.
 * @throws Error where the program doesn't run, or says no version
 */
export async function versionOf(pulumi: string, env: NodeJS.ProcessEnv): Promise<string> {
  // A home of its own: even this question writes a log folder, which is not the user's to have.
  const quiet = { ...env, PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_HOME: join(dirname(cachedRoot(env)), "home") };
  const said = (await runTool(pulumi, ["version"], { env: quiet, timeout: 20_000 })).trim();
  const version = /^v?(\d+\.\d+\.\d+\S*)$/.exec(said)?.[1];
  if (version === undefined) throw new Error(`${pulumi} version says "${said}", which is no version`);
  return version;
}

/** The user's own `pulumi`, where it is new enough and has what Node programs need beside it or on PATH. */
export async function findOnPath(env: NodeJS.ProcessEnv): Promise<Finding> {
  const folders = foldersOf(env);
  const pulumi = firstOn(folders, "pulumi");
  if (pulumi === undefined) return { reason: "no pulumi on PATH" };
  const bin = dirname(pulumi);
  // A package manager's link leads into the folder that holds the rest.
  const beside = [bin, dirname(realpathSync(pulumi)), ...folders];
  const missing = EXECUTABLES.find((name) => firstOn(beside, name) === undefined);
  if (missing !== undefined) return { reason: `${pulumi} comes without ${missing}` };
  try {
    const version = await versionOf(pulumi, env);
    if (compareVersions(version, MINIMUM_VERSION) < 0) {
      return { reason: `${pulumi} is ${version}, older than ${MINIMUM_VERSION}` };
    }
    return { engine: { root: undefined, bin, pulumi, version, source: "on PATH", origin: "official" } };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The project's own copy, where it was finished and is still whole. It was tried when it was put there: not again. */
export function findCached(env: NodeJS.ProcessEnv): Finding {
  const root = cachedRoot(env);
  const bin = join(root, "bin");
  try {
    const record = JSON.parse(readFileSync(join(root, RECORD), "utf8")) as Pick<Engine, "version" | "origin">;
    const lost = EXECUTABLES.find((name) => !isExecutable(join(bin, name)));
    if (lost !== undefined) return { reason: `the cached copy in ${root} has lost ${lost}` };
    return { engine: { ...record, root, bin, pulumi: join(bin, "pulumi"), source: "the cached copy" } };
  } catch {
    return { reason: "no cached copy" };
  }
}
