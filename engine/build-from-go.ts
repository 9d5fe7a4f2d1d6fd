/**
 * Builds the engine from the Go modules in engine/cli and engine/language-nodejs, for places that reach a Go module proxy
 * but not Pulumi's download site. Starts `go`; writes the folder it is given and Go's own caches.
 */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compareVersions, ENGINE_VERSION, EngineError } from "./layout";
import { runTool } from "./tool";

/** The modules' sources; compiled, this file lies two folders below the checkout. */
const modules = resolve(__dirname, "../../engine");

const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** A first build takes about five minutes on two cores; this is for a slow machine with a slow network. */
const BUILD_TIMEOUT = 40 * 60_000;

/** What the modules' `go` line asks for: `1.25.11`. */
export function minimumGo(): string {
  const line = /^go (\S+)$/m.exec(readFileSync(join(modules, "cli/go.mod"), "utf8"))?.[1];
  if (line === undefined) throw new EngineError("engine/cli/go.mod has no go line");
  return line;
}

/** Nothing of the user's own Go settings but caches and proxies; `local`: no toolchain is fetched behind their back. */
const goEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  GOFLAGS: "-mod=readonly",
  GOWORK: "off",
  GOTOOLCHAIN: "local",
});

/**
 * Why Go can't build the engine here, undefined where it can.
 * @returns `no go on PATH`, or `go 1.21.0 is older than 1.25.11`
 */
export async function goProblem(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const needed = minimumGo();
  try {
    const said = await runTool("go", ["env", "GOVERSION"], { env: goEnvironment(env), cwd: "/", timeout: 20_000 });
    const version = /^go(\d\S*)/.exec(said.trim())?.[1] ?? "0";
    return compareVersions(version, needed) < 0 ? `go ${version} is older than ${needed}` : undefined;
  } catch (error) {
    return error instanceof Error && error.message.includes("ENOENT") ? "no go on PATH" : String(error);
  }
}

/**
 * Fills `bin/` of a folder with an engine built here.
 * @throws Error with the last lines of Go's output
 */
export async function buildFromGo(env: NodeJS.ProcessEnv, folder: string): Promise<void> {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const build = (module: string, name: string, main: string, linker: string): Promise<string> =>
    runTool("go", ["build", "-trimpath", "-buildvcs=false", "-ldflags", linker, "-o", join(bin, name), main], {
      cwd: join(modules, module),
      env: goEnvironment(env),
      timeout: BUILD_TIMEOUT,
    });
  // Without the linker's setting the command would not know its own version.
  const versioned = `-s -w -X ${VERSION_VARIABLE}=v${ENGINE_VERSION}`;
  await build("cli", "pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", versioned);
  const host = "pulumi-language-nodejs";
  await build("language-nodejs", host, `github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/${host}`, "-s -w");
  const script = "pulumi-resource-pulumi-nodejs";
  copyFileSync(join(modules, script), join(bin, script));
}
