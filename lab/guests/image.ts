/**
 * The guests' disk image: the cached one, or built now, once however many ask. Starts the build as a process of its own
 * under the kernel's lock, which is free again the moment that process is gone.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { imageCache, type ImageCache } from "./cache";
import { GuestsUnavailable, missingPackages, whyUnavailable } from "./tools";

/** Exit code of the build where real guests can't be had on this machine. */
const UNAVAILABLE = 2;

export interface ImageOptions {
  /** Whether missing tools are installed: somebody has asked for real guests. @default false */
  readonly install?: boolean;
  /** Told each step of a build. */
  readonly say?: (text: string) => void;
}

/**
 * @throws GuestsUnavailable where this machine can't have real guests, Error where the build failed: with its last lines
 */
export async function ensureImage({ install = false, say = () => undefined }: ImageOptions = {}): Promise<ImageCache> {
  const cache = imageCache();
  const reason = whyUnavailable(install);
  if (reason !== undefined) throw new GuestsUnavailable(reason);
  // An image from another machine's cache still needs the tools that boot it.
  if (existsSync(cache.image) && missingPackages().length === 0) return cache;
  mkdirSync(dirname(cache.lock), { recursive: true });
  const build = [resolve(__dirname, "build.js"), ...(install ? ["--install"] : [])];
  const child = spawn("flock", [cache.lock, process.execPath, ...build], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let problem = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.trim().split("\n")) say(`guest image: ${line}`);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (problem += text));
  const code = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  if (code === UNAVAILABLE) throw new GuestsUnavailable(problem.trim());
  if (code !== 0 || !existsSync(cache.image)) throw new Error(`the guests' image was not built: ${problem.trim()}`);
  return cache;
}
