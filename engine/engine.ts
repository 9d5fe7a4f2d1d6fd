/**
 * Gets a Pulumi engine: the one on PATH, the project's cached copy, the official download, or one built from Go modules,
 * in this order. Says what it chose and why not what comes before. Writes the project's cache folder only.
 */
import { buildFromGo, goProblem, minimumGo } from "./build-from-go";
import { download, RELEASES } from "./download";
import { findCached, findOnPath } from "./find";
import { install } from "./install";
import { ENGINE_VERSION, EngineError, MINIMUM_VERSION, type Engine } from "./layout";

export type { Engine } from "./layout";

export interface EngineOptions {
  /** PATH, HOME, XDG_CACHE_HOME and INFINITY_ENGINE_URL are read from it. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Takes one line per thing tried. @default nothing is said */
  readonly say?: (line: string) => void;
}

const HEARTBEAT = 30_000;

/**
 * @throws EngineError where there is none and none can be made: what was tried, and what to install
 */
export async function ensureEngine(options: EngineOptions = {}): Promise<Engine> {
  const { env = process.env, say = () => undefined } = options;
  const reasons: string[] = [];
  const rejected = (reason: string): void => {
    reasons.push(reason);
    say(reason);
  };

  const onPath = await findOnPath(env);
  if ("engine" in onPath) return onPath.engine;
  // That it is not there is the ordinary case, and said only if nothing else is there either.
  const cached = findCached(env);
  if ("engine" in cached) return cached.engine;
  rejected(onPath.reason);
  rejected(cached.reason);

  return (await downloaded(env, say, rejected)) ?? (await builtFromGo(env, say, rejected)) ?? none(reasons);
}

type Say = (line: string) => void;

async function downloaded(env: NodeJS.ProcessEnv, say: Say, rejected: Say): Promise<Engine | undefined> {
  const url = env.INFINITY_ENGINE_URL ?? RELEASES;
  say(`downloading pulumi ${ENGINE_VERSION} from ${url} ...`);
  try {
    return await install(env, { source: "downloaded", origin: "official" }, (folder) => download(folder, { url }));
  } catch (error) {
    rejected(`the download failed: ${messageOf(error)}`);
    return undefined;
  }
}

async function builtFromGo(env: NodeJS.ProcessEnv, say: Say, rejected: Say): Promise<Engine | undefined> {
  const problem = await goProblem(env);
  if (problem !== undefined) {
    rejected(problem);
    return undefined;
  }
  say(`building pulumi ${ENGINE_VERSION} from Go modules; the first time takes about five minutes ...`);
  const started = Date.now();
  const heartbeat = setInterval(() => {
    say(`still building, ${Math.round((Date.now() - started) / 1000)} s`);
  }, HEARTBEAT);
  try {
    return await install(env, { source: "built from Go modules", origin: "go" }, (folder) => buildFromGo(env, folder));
  } catch (error) {
    rejected(`the build from Go modules failed: ${messageOf(error)}`);
    return undefined;
  } finally {
    clearInterval(heartbeat);
  }
}

function none(reasons: readonly string[]): never {
  throw new EngineError(
    [
      "No Pulumi engine could be found or made:",
      ...reasons.map((reason) => `  - ${reason}`),
      `Install Pulumi ${MINIMUM_VERSION} or newer (https://www.pulumi.com/docs/install/) so that it is on PATH,`,
      `or Go ${minimumGo()} or newer, with which one is built here from Go modules.`,
    ].join("\n"),
  );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
