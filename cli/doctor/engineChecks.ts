/**
 * Whether the engine can work on the stack: its version, the login to its backend, the stack, the passphrase, its lock
 * and the plugins that it needs. Runs commands of the engine that only read, and looks at the backend's lock files.
 */
import { z } from "zod";
import type { Engine } from "../../engine/engine";
import { backendFolder, lockFolder, projectName } from "../../engine/recover/fileBackend";
import { findLocks } from "../../engine/recover/staleLocks";
import type { RunResult } from "../../engine/run";
import type { House } from "../../house/schema";
import { knownDroplet } from "../../house/tunnel";
import { sdkVersion } from "../../lab/clouds/plugins/versions";
import { stackConfig } from "../adopt/engineConfig";
import { about, inParts, messageOf, type Finding } from "./report";

const say = about("engine");

export interface EngineChecks {
  readonly stack: string;
  /** The checkout, where Pulumi.yaml is. */
  readonly root: string;
  readonly house: House;
  readonly engine: Pick<Engine, "version" | "source" | "origin">;
  /** Runs `pulumi ARGS`, on the stack where it is about one. */
  readonly pulumi: (args: readonly string[]) => Promise<RunResult>;
}

export interface EngineChecked {
  readonly findings: readonly Finding[];
  /** The stack's configuration, secrets in clear; `undefined` where it could not be read. */
  readonly config?: Readonly<Record<string, string>>;
}

const WhoAmI = z.object({ user: z.string(), url: z.string().default("") });
const Exported = z.object({
  deployment: z.object({
    resources: z.array(z.unknown()).nullish(),
    pending_operations: z.array(z.unknown()).nullish(),
  }),
});
const Plugins = z.array(z.object({ name: z.string(), kind: z.string(), version: z.string().nullish() }));

/** The engine's last words, without its prefix. */
const words = ({ stderr, stdout }: RunResult): string =>
  (stderr.trim() || stdout.trim()).replace(/^(error|warning): /gm, "");

export async function checkEngine(asked: EngineChecks): Promise<EngineChecked> {
  const { engine, pulumi, stack } = asked;
  const version = say.fine("Pulumi", `${engine.version}, ${engine.source}`);
  const who = await pulumi(["whoami", "--json"]);
  const needed = plugins(asked);
  if (who.code !== 0) {
    const fix =
      'npx infinity pulumi login "file://$HOME/infinity-state?metadata=skip", or any backend that Pulumi knows';
    const untried = ["stack", "secrets", "lock"].map((what) => say.untried(what, "needs the login"));
    return { findings: [version, say.wrong("login", words(who), fix), ...untried, ...(await needed)] };
  }
  const { user, url } = WhoAmI.parse(JSON.parse(who.stdout));
  const [state, configuration] = await Promise.all([
    pulumi(["stack", "export", "--show-secrets"]),
    stackConfig(pulumi).catch(messageOf),
  ]);
  const config = typeof configuration === "string" ? undefined : configuration;
  return {
    findings: [
      version,
      say.fine("login", `${user} at ${url}`),
      ...stateFindings(stack, state),
      ...(typeof configuration === "string"
        ? [refused(stack, configuration, state)].flat()
        : [secretsRead(state)].flat()),
      ...lock(asked, url),
      ...(await needed),
    ],
    ...(config && { config }),
  };
}

const isPassphrase = (text: string): boolean => /passphrase|decrypt|secrets (manager|provider)/i.test(text);

function stateFindings(stack: string, state: RunResult): Finding[] {
  if (state.code !== 0) {
    const text = words(state);
    return isPassphrase(text)
      ? []
      : [say.wrong("stack", inParts(text, "").detail, `npx infinity pulumi stack init ${stack}`)];
  }
  const { resources, pending_operations: pending } = Exported.parse(JSON.parse(state.stdout)).deployment;
  const count = `${resources?.length ?? 0} resources`;
  if ((pending ?? []).length === 0) return [say.fine("stack", `${stack}, ${count}`)];
  const fix = `npx infinity pulumi up --stack ${stack}: it finds out what became of what a killed run had begun`;
  return [say.note("stack", `${stack}, ${count}, ${pending?.length} operations of a killed run`, fix)];
}

function refused(stack: string, configuration: string, state: RunResult): Finding[] {
  const text = isPassphrase(configuration) ? configuration : words(state);
  if (!isPassphrase(text)) return state.code === 0 ? [say.wrong("configuration", configuration, CONFIG_FIX)] : [];
  return [
    say.wrong(
      "secrets",
      text,
      "set PULUMI_CONFIG_PASSPHRASE (or _FILE) to the passphrase of `stack init`; if it is lost: docs/recover.md",
    ),
    say.untried("stack", `${stack}: needs its secrets`),
  ];
}

const CONFIG_FIX = "correct the stack's file, then try: npx infinity pulumi config";

const secretsRead = (state: RunResult): Finding[] =>
  state.code === 0 ? [say.fine("secrets", "of configuration and state can be read")] : [];

function lock({ root, stack }: EngineChecks, url: string): Finding[] {
  const backend = backendFolder(url, root);
  if (backend === undefined) return [say.note("lock", "not looked at: the backend is no folder of this machine")];
  const locks = findLocks(lockFolder({ backend, project: projectName(root), stack }));
  if (locks.length === 0) return [say.fine("lock", "nobody is at work on the stack")];
  return locks.map(({ lock: { pid, hostname, timestamp }, holder }) => {
    if (holder === "gone")
      return say.note("lock", `left by a run of ${timestamp} that was killed`, "the next up releases it, and goes on");
    const where = holder === "elsewhere" ? ` on ${hostname}` : "";
    const fix =
      holder === "elsewhere"
        ? `wait for it; where it was killed: npx infinity pulumi cancel --stack ${stack}`
        : "wait for it to end";
    return say.note("lock", `process ${pid}${where} is at work on the stack, since ${timestamp}`, fix);
  });
}

/** The plugins of the clouds that the house describes something in. */
async function plugins({ house, engine, pulumi }: EngineChecks): Promise<Finding[]> {
  const used = [
    ...(knownDroplet(house) ? (["digitalocean"] as const) : []),
    ...(house.tunnel?.zone === undefined ? [] : (["cloudflare"] as const)),
  ];
  if (used.length === 0) return [];
  const { code, stdout } = await pulumi(["plugin", "ls", "--json"]);
  const installed = code === 0 ? Plugins.parse(JSON.parse(stdout)) : [];
  return used.map((name) => {
    const version = sdkVersion(name);
    const what = `plugin ${name}`;
    if (installed.some((one) => one.name === name && one.version === version)) return say.fine(what, version);
    const fix = `npx infinity pulumi plugin install resource ${name} ${version}`;
    return engine.origin === "go"
      ? say.wrong(what, `${version} is not installed, and this engine downloads none`, fix)
      : say.note(what, `${version} is not installed: the next preview downloads it`, fix);
  });
}
