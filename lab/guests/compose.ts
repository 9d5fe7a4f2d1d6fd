/**
 * Docker Compose for the guests, whose Debian has Compose 1 only: built from the Go modules that compose/go.mod pins and
 * compose/go.sum verifies, once for all images. Starts `go`; writes its own folder of the cache and Go's.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { compareVersions, userCache } from "../../engine/layout";

/** The module's sources; compiled, this file lies three folders below the checkout. */
const MODULE = resolve(__dirname, "../../../lab/guests/compose");

const PACKAGE = "github.com/docker/compose/v5";

/** Where Docker's command looks for its plugins. */
export const PLUGIN_PATH = "/usr/libexec/docker/cli-plugins/docker-compose";

/** A minute on two idle cores; this is for a slow machine with a slow network. */
const BUILD_MS = 20 * 60_000;

/** The first Go that fetches the version that a module asks for. */
const FETCHES_ITSELF = "1.21.0";

export interface ComposePin {
  /** `v5.6.0` */
  readonly version: string;
  /** The oldest Go that builds it: `1.26.8`. */
  readonly go: string;
  /** Of everything that it is built from. */
  readonly hash: string;
}

/** @param mod text of go.mod @param sum of go.sum. Pure. */
export function readPin(mod: string, sum: string): ComposePin {
  const version = new RegExp(`^\\s*(?:require )?${PACKAGE} (v\\S+)`, "m").exec(mod)?.[1];
  const go = /^go (\S+)$/m.exec(mod)?.[1];
  if (version === undefined || go === undefined)
    throw new Error(`lab/guests/compose/go.mod has no line that requires ${PACKAGE}, or none that says which go`);
  return { version, go, hash: createHash("sha256").update(mod).update(sum).digest("hex").slice(0, 16) };
}

export const composePin = (): ComposePin =>
  readPin(readFileSync(join(MODULE, "go.mod"), "utf8"), readFileSync(join(MODULE, "go.sum"), "utf8"));

/** Where the plugin lies once it is built. */
export function composePlugin(env: NodeJS.ProcessEnv = process.env): string {
  const { version, hash } = composePin();
  return join(userCache(env), "infinity-node", "guests", `compose-${version}-${hash}`, "docker-compose");
}

/** @param fetches whether Go may fetch a newer Go. Nothing of the user's own settings but caches and proxies. */
const goEnvironment = (fetches: boolean): NodeJS.ProcessEnv => ({
  ...process.env,
  CGO_ENABLED: "0",
  GOFLAGS: "-mod=readonly",
  GOWORK: "off",
  GOTOOLCHAIN: fetches ? "auto" : "local",
});

function goVersion(): string | undefined {
  try {
    const options = { encoding: "utf8", cwd: "/", env: goEnvironment(false), timeout: 20_000 } as const;
    return /^go(\d\S*)/.exec(execFileSync("go", ["env", "GOVERSION"], options).trim())?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Why Compose can't be had here; `undefined` where it is built already, or can be.
 * @param install whether Go may fetch a newer Go: somebody has asked for real guests
 */
export function composeProblem(install: boolean): string | undefined {
  if (existsSync(composePlugin())) return undefined;
  const { version, go } = composePin();
  const found = goVersion();
  if (found !== undefined && compareVersions(found, install ? FETCHES_ITSELF : go) >= 0) return undefined;
  const here = found === undefined ? "no go on PATH" : `go ${found}`;
  return `real guests need Docker Compose ${version}, which is built here with Go ${go} or newer, and there is ${here}: install it from https://go.dev/dl`;
}

/** Builds the plugin where it is not built yet. Made beside its place and renamed: nobody ever sees half of one. @returns its path */
export function ensureCompose(install: boolean): string {
  const plugin = composePlugin();
  if (existsSync(plugin)) return plugin;
  const { version } = composePin();
  mkdirSync(dirname(plugin), { recursive: true });
  const draft = `${plugin}.draft`;
  const linker = `-s -w -X ${PACKAGE}/internal.Version=${version}`;
  execFileSync("go", ["build", "-trimpath", "-buildvcs=false", "-ldflags", linker, "-o", draft, `${PACKAGE}/cmd`], {
    ...{ cwd: MODULE, env: goEnvironment(install), timeout: BUILD_MS },
    stdio: ["ignore", "ignore", "pipe"],
  });
  renameSync(draft, plugin);
  return plugin;
}
