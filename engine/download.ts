/**
 * Fetches Pulumi's official release and checks it against the published SHA-256. Every wait is bounded: a site that
 * can't be reached costs seconds (docs/decisions/0001-engine.md says why PulumiCommand.install is not used). Reaches the
 * download site; writes the folder it is given.
 */
import { createHash } from "node:crypto";
import { createWriteStream, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EnvHttpProxyAgent, fetch } from "undici";
import { ENGINE_VERSION, EngineError } from "./layout";
import { runTool } from "./tool";

/** Pulumi's own site; INFINITY_ENGINE_URL names a mirror of it. */
export const RELEASES = "https://get.pulumi.com/releases/sdk";

export interface DownloadOptions {
  /** Folder that holds the archives and the list of their checksums. @default {@link RELEASES} */
  readonly url?: string;
  /** Milliseconds for the checksums, a small file: this is how long an unreachable site is waited for. @default 5000 */
  readonly answerWithin?: number;
  /** Milliseconds without a byte of the archive after which it is given up. @default 15000 */
  readonly stalledAfter?: number;
}

/** `pulumi-v3.259.0-linux-x64.tar.gz`; undefined where Pulumi has no archive that this knows to unpack. */
export function archiveName(platform: string = process.platform, arch: string = process.arch): string | undefined {
  const known = (platform === "linux" || platform === "darwin") && (arch === "x64" || arch === "arm64");
  return known ? `pulumi-v${ENGINE_VERSION}-${platform}-${arch}.tar.gz` : undefined;
}

/**
 * Fills `bin/` of a folder with the official release.
 * @throws EngineError: `no answer from HOST within 5 s`, `the archive ended early`, `its SHA-256 is not the published one`
 */
export async function download(folder: string, options: DownloadOptions = {}): Promise<void> {
  const { url = RELEASES, answerWithin = 5_000, stalledAfter = 15_000 } = options;
  const name = archiveName();
  if (name === undefined) throw new EngineError(`Pulumi has no archive for ${process.platform} on ${process.arch}`);
  const proxies = new EnvHttpProxyAgent();
  try {
    const wanted = await checksum(`${url}/pulumi-${ENGINE_VERSION}-checksums.txt`, name, proxies, answerWithin);
    const archive = join(folder, name);
    const found = await save(`${url}/${name}`, archive, proxies, stalledAfter);
    if (found !== wanted) throw new EngineError(`${url}/${name}: its SHA-256 is ${found}, published is ${wanted}`);
    await unpack(archive, folder);
  } finally {
    await proxies.destroy();
  }
}

/** The published SHA-256 of one archive: lines of `HASH  NAME`. */
async function checksum(url: string, name: string, dispatcher: EnvHttpProxyAgent, wait: number): Promise<string> {
  const late = AbortSignal.timeout(wait);
  let text: string;
  try {
    const response = await fetch(url, { dispatcher, signal: late });
    if (!response.ok) throw new EngineError(`${url} answers ${response.status} ${response.statusText}`);
    text = await response.text();
  } catch (error) {
    if (late.aborted) throw new EngineError(`no answer from ${new URL(url).host} within ${wait / 1000} s`);
    throw unreachable(url, error);
  }
  const found = text.split("\n").map((line) => line.trim().split(/\s+\*?/));
  const hash = found.find(([, file]) => file === name)?.[0];
  if (hash === undefined) throw new EngineError(`${url} has no line for ${name}`);
  return hash.toLowerCase();
}

/** Streams a file to disk. @returns its SHA-256 */
async function save(url: string, file: string, dispatcher: EnvHttpProxyAgent, stalledAfter: number): Promise<string> {
  const stalled = new AbortController();
  const giveUp = (): void => {
    stalled.abort();
  };
  let timer = setTimeout(giveUp, stalledAfter);
  const hash = createHash("sha256");
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, stalledAfter);
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const response = await fetch(url, { dispatcher, signal: stalled.signal });
    if (!response.ok || response.body === null) {
      throw new EngineError(`${url} answers ${response.status} ${response.statusText}`);
    }
    await pipeline(Readable.fromWeb(response.body), watch, createWriteStream(file), { signal: stalled.signal });
    return hash.digest("hex");
  } catch (error) {
    if (stalled.signal.aborted) throw new EngineError(`${url} sent nothing for ${stalledAfter / 1000} s`);
    throw unreachable(url, error);
  } finally {
    clearTimeout(timer);
  }
}

/** fetch says "fetch failed" or "terminated", and keeps the reason in the cause. */
function unreachable(url: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return new EngineError(`${url}: ${cause?.message ?? message ?? String(error)}`);
}

/** The archive holds a folder `pulumi` with the executables, in older releases in `pulumi/bin`. */
async function unpack(archive: string, folder: string): Promise<void> {
  await runTool("tar", ["-xzf", archive, "-C", folder], { timeout: 120_000 });
  const nested = join(folder, "pulumi", "bin");
  const found = existsSync(nested) ? nested : join(folder, "pulumi");
  if (!existsSync(found)) throw new EngineError(`${archive} holds no folder pulumi`);
  renameSync(found, join(folder, "bin"));
}
