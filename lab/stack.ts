/**
 * A stack of this project on one machine: its own Pulumi home, file backend and configuration copy in one folder, so
 * that neither the user's Pulumi nor a tracked file is touched. Writes below its folder and runs the engine.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { engineEnvironment } from "../engine/environment";
import type { Engine } from "../engine/engine";
import type { Resolve } from "../engine/recover/creations";
import type { AskEngine } from "../engine/recover/fileBackend";
import { doubtfulText, recover as recoverStack } from "../engine/recover/recover";
import { onStack, run, type RunOptions, type RunResult } from "../engine/run";
import { installPlugins } from "./clouds/plugins/install";
import { cloudSdks } from "./clouds/plugins/versions";

export interface StackOptions {
  readonly engine: Engine;
  /** The checkout: where Pulumi.yaml and the compiled program are. */
  readonly root: string;
  /** Folder of this stack's own files; made where it is missing. */
  readonly dir: string;
  readonly name: string;
  /** Text of the stack file to start from; comments are kept. */
  readonly stackFile: string;
  /** What this run knows better, by path: `[["config", "pulumi-nodejs:hypervisor", "endpoint"], "https://..."]`. */
  readonly overrides?: readonly Override[];
  /** Takes a line where a killed run was cleared up after. @default nothing is said */
  readonly say?: (line: string) => void;
  /** Whether the command that follows does again what a killed run had begun. @default true */
  readonly repeats?: boolean;
  /** Who says what became of a killed run's creations in a cloud. @param ask of this stack. @default nobody can */
  readonly resolver?: (ask: AskEngine) => Resolve;
}

/** A value by path; `undefined` takes out what stands there. */
export type Override = readonly [path: readonly string[], value: unknown];

export interface Stack {
  readonly name: string;
  /** The configuration that the engine reads and may rewrite. */
  readonly configFile: string;
  readonly env: NodeJS.ProcessEnv;
  /** The arguments that make `pulumi ARGS` act on this stack, from the checkout's folder. */
  arguments(args: readonly string[]): string[];
  /** Runs `pulumi ARGS` on this stack, without questions. */
  run(args: readonly string[], options?: Pick<RunOptions, "onOutput" | "signal" | "input">): Promise<RunResult>;
  /** Clears up after a run that was killed: its lock, and its list of what it had begun. @throws where a run is at work, or in doubt */
  recover(): Promise<void>;
  /** Rewrites the configuration, keeping the salt that the engine's secrets need. */
  configure(stackFile: string, overrides?: readonly Override[]): void;
}

const PASSPHRASE = "lab";

/** Commands that take `--config-file`; the others find their configuration, or need none. */
const TAKES_CONFIG_FILE = new Set(["up", "preview", "refresh", "destroy", "config"]);

/** Opens the stack, making it where it is missing, and clears up after a run that was killed. */
export async function openStack(options: StackOptions): Promise<Stack> {
  const project = join(options.dir, "project");
  const backend = join(options.dir, "state");
  for (const folder of [project, backend]) mkdirSync(folder, { recursive: true });
  const projectFile = readFileSync(join(options.root, "Pulumi.yaml"), "utf8");
  const projectName = parseDocument(projectFile).get("name") as string;
  writeFileSync(join(project, "Pulumi.yaml"), projectFile);

  const configFile = join(project, `Pulumi.${options.name}.yaml`);
  const env = engineEnvironment({ engine: options.engine, dir: options.dir, passphrase: PASSPHRASE });
  installPlugins(join(options.dir, "home"), cloudSdks());
  const pulumi = (args: readonly string[], cwd: string, more?: Pick<RunOptions, "onOutput" | "signal" | "input">) =>
    run(join(options.engine.bin, "pulumi"), args, { cwd, env, ...more });

  const configure: Stack["configure"] = (stackFile, overrides = []) => {
    const text = renderConfig(stackFile, overrides, existsSync(configFile) ? readFileSync(configFile, "utf8") : "");
    writeFileSync(configFile, text);
  };
  configure(options.stackFile, options.overrides);
  const ofStack: Stack["arguments"] = ([command = "", ...rest]) =>
    onStack([command, ...(TAKES_CONFIG_FILE.has(command) ? ["--config-file", configFile] : []), ...rest], options.name);

  if (!existsSync(join(backend, ".pulumi", "stacks", projectName, `${options.name}.json`))) {
    // In the copy's folder: the engine writes the salt into the stack file beside the project file.
    await must(pulumi(["stack", "init", options.name, "--no-select"], project), `make the stack ${options.name}`);
  }
  const place = { backend, project: projectName, stack: options.name };
  const recover = async (): Promise<void> => {
    const ask = (args: readonly string[]) => pulumi([...args, "--non-interactive"], project);
    const { say = () => undefined, repeats, resolver } = options;
    const resolve = resolver?.((args) => ask(onStack(args, options.name)));
    const { held, doubtful } = await recoverStack({ place, ask, say, repeats, resolve });
    const [holder] = held;
    if (holder) throw new Error(`this stack is in use by process ${holder.pid}: wait for it to end, or stop it`);
    if (doubtful.length > 0) throw new Error(doubtfulText(place, doubtful, "npx infinity lab pulumi"));
  };
  await recover();

  return {
    name: options.name,
    configFile,
    env,
    configure,
    recover,
    arguments: ofStack,
    run: (args, more) => pulumi([...ofStack(args), "--non-interactive"], options.root, more),
  };
}

/** The stack file with this run's values, and with the salt of the copy that it replaces. Pure. */
export function renderConfig(stackFile: string, overrides: readonly Override[], former: string): string {
  const document = parseDocument(stackFile);
  for (const [path, value] of overrides) {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
  }
  const salt: unknown = parseDocument(former).get("encryptionsalt");
  if (salt !== undefined) document.set("encryptionsalt", salt);
  return document.toString({ lineWidth: 0 });
}

async function must(result: Promise<RunResult>, what: string): Promise<RunResult> {
  const done = await result;
  if (done.code !== 0) throw new Error(`could not ${what}: ${done.stderr.trim() || done.stdout.trim()}`);
  return done;
}
