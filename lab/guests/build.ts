/**
 * Builds the guests' disk image into the cache: `node bin/lab/guests/build.js [--install]`, run under a lock by image.ts.
 * `--install` lets it bring in the tools that are missing. Made in a
 * folder of its own and renamed into place, so that nobody ever sees half of one. Writes the cache, and may install tools.
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { imageCache } from "./cache";
import { ensureCompose, PLUGIN_PATH } from "./compose";
import { imageSteps, type Step } from "./imageSteps";
import { RECIPE } from "./recipe";
import { asRoot, ensureTools, GuestsUnavailable } from "./tools";

const STEP_MS = 20 * 60_000;
const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;

function say(text: string): void {
  console.log(text);
}

/** Who is not root needs `sudo` to make files that belong to others. */
function privileged(): readonly string[] {
  const words = asRoot();
  if (words !== undefined) return words;
  throw new GuestsUnavailable(
    "building the guests' image needs root: run it as root, or allow sudo without a password",
  );
}

function perform({ what, program, args }: Step, root: readonly string[], log: string): void {
  const started = Date.now();
  const [command = "", ...rest] = [...root, "env", `PATH=${PATH}`, program, ...args];
  try {
    const output = execFileSync(command, rest, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: STEP_MS,
    });
    appendFileSync(log, output);
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string };
    appendFileSync(log, stderr ?? message);
    const tail = (stderr ?? message).trim().split("\n").slice(-15).join("\n");
    throw new Error(`could not ${what} (${program}; all of it stands in ${log}):\n${tail}`);
  }
  const seconds = (Date.now() - started) / 1000;
  if (seconds > 1) say(`${what}: ${seconds.toFixed(0)} s`);
}

function compose(install: boolean): string {
  const started = Date.now();
  try {
    return ensureCompose(install);
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: Buffer };
    const tail = (stderr?.toString() ?? message).trim().split("\n").slice(-15).join("\n");
    throw new Error(`could not build Docker Compose (go build):\n${tail}`);
  } finally {
    const seconds = (Date.now() - started) / 1000;
    if (seconds > 1) say(`build Docker Compose: ${seconds.toFixed(0)} s`);
  }
}

function build(): void {
  const cache = imageCache();
  ensureTools(process.argv.includes("--install"), say);
  if (existsSync(cache.image)) return;
  const root = privileged();
  const plugin = compose(process.argv.includes("--install"));
  const all = dirname(cache.dir);
  // The lock is ours: drafts that are here were left by builds that were killed.
  for (const name of readdirSync(all).filter((entry) => entry.startsWith("draft-"))) remove(join(all, name), root);
  const draft = mkdtempSync(join(all, "draft-"));
  try {
    writeFileSync(cache.log, "");
    for (const [path, text] of Object.entries(RECIPE.files)) {
      const file = join(draft, "files", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const inGuest = join(draft, "files", PLUGIN_PATH);
    mkdirSync(dirname(inGuest), { recursive: true });
    copyFileSync(plugin, inGuest);
    chmodSync(inGuest, 0o755);
    for (const step of imageSteps(RECIPE, draft)) perform(step, root, cache.log);
    mkdirSync(cache.dir, { recursive: true });
    // The image last: where it is, all is.
    renameSync(join(draft, "vmlinuz"), cache.kernel);
    renameSync(join(draft, "busybox"), cache.busybox);
    renameSync(join(draft, "image.qcow2"), cache.image);
  } finally {
    remove(draft, root);
  }
}

function remove(path: string, [program, ...words]: readonly string[]): void {
  if (program === undefined) rmSync(path, { recursive: true, force: true });
  else execFileSync(program, [...words, "rm", "-rf", path]);
}

if (require.main === module) {
  try {
    build();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    // Told apart by who started it: not possible here, or went wrong.
    process.exitCode = error instanceof GuestsUnavailable ? 2 : 1;
  }
}
