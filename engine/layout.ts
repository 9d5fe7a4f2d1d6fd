/**
 * What an engine consists of, which versions will do, and where the project's own copy lies. Pure, but for asking
 * whether files are there.
 */
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The version that is downloaded or built. The Go modules below engine/ pin the same one. */
export const ENGINE_VERSION = "3.259.0";

/**
 * The oldest `pulumi` on PATH that will do: since 3.227.0 exit codes tell a change from a failure, and since 3.229.0
 * looking for drift takes no lock on a stack in a file backend.
 */
export const MINIMUM_VERSION = "3.229.0";

/** The command, Pulumi's side of Node programs, and the host of providers that are part of a program. */
export const EXECUTABLES = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"] as const;

/** An engine that is there and runs. */
export interface Engine {
  /** What `PulumiCommand.get({ root })` of the Automation API takes; undefined where the engine is the one on PATH. */
  readonly root: string | undefined;
  /** Folder with the executables, to stand first on PATH. */
  readonly bin: string;
  /** Path of the command itself. */
  readonly pulumi: string;
  /** `3.259.0` */
  readonly version: string;
  readonly source: "on PATH" | "the cached copy" | "downloaded" | "built from Go modules";
  /** `go`: built here, where Pulumi's download site can't be reached; its plugins can't be downloaded either. */
  readonly origin: "official" | "go";
}

/** No engine could be found or made, or one that was asked for is unusable; the message says what to do. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

/** May this file be run? */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Node's names of system and processor in those of Pulumi's releases: `linux-x64`, `darwin-arm64`. */
export const platformName = (): string => `${process.platform}-${process.arch}`;

/** The user's folder for what can be had again: `~/.cache`, on macOS `~/Library/Caches`. */
export function userCache(env: NodeJS.ProcessEnv): string {
  if (env.XDG_CACHE_HOME !== undefined && env.XDG_CACHE_HOME !== "") return env.XDG_CACHE_HOME;
  const home = env.HOME ?? homedir();
  return process.platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
}

/** Where the project's own engine lies: one for all checkouts of a user. */
export const cachedRoot = (env: NodeJS.ProcessEnv): string =>
  join(userCache(env), "infinity-node", "engine", `${ENGINE_VERSION}-${platformName()}`);

/** -1, 0 or 1 as `a` is older than, the same as or newer than `b`. A pre-release counts as its release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split("-")[0]?.split(".").map(Number) ?? []);
  for (const place of [0, 1, 2]) {
    const difference = (left?.[place] ?? 0) - (right?.[place] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
