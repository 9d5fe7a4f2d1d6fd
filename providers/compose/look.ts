/** A stack as it is on its guest: its files, its variables, its containers. Asks; what the answers mean is pure. */
import { canonical } from "../canonical";
import { ask, type Answer, type Command } from "../guest/bulk";
import { seenText } from "../guest/seenFile";
import type { Host } from "../ssh/host";
import type { ComposeStackInputs, StackService } from "./args";
import { containers as listed, type Container } from "./containers";
import { parseDotenv, type Variables } from "./dotenv";
import { compose, ENV_FILE } from "./release";

export interface SeenStack {
  /** SHA-256 of each of its files that is there, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Every variable of its `.env`; `undefined` where there is none. */
  readonly env?: Variables;
  /** Permission bits of its `.env`. */
  readonly envMode?: string;
  readonly containers: readonly Container[];
  /** Hash of each service as its files describe it now; empty where they don't hold together. */
  readonly hashes: Readonly<Record<string, string>>;
  /** The release that was up last: `0123456789abcdef`. */
  readonly good?: string;
}

const commands = (stack: ComposeStackInputs): Command[] => [
  // sha256sum has words of its own for names with a backslash or line break: none gets past check.
  ["sha256sum", "--", ...Object.keys(stack.files).map((path) => `${stack.directory}/${path}`)],
  ["cat", "--", `${stack.directory}/${ENV_FILE}`],
  ["stat", "-L", "-c", "%a", "--", `${stack.directory}/${ENV_FILE}`],
  ["readlink", "--", `${stack.directory}/good`],
  compose(stack, stack.directory, "config", "--hash", "*"),
];

function sums(answer: Answer | undefined, directory: string): Record<string, string> {
  const lines = (answer?.stdout ?? "").split("\n").map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line));
  return Object.fromEntries(
    lines.flatMap((match) => (match ? [[(match[2] ?? "").slice(directory.length + 1), match[1] ?? ""] as const] : [])),
  );
}

function hashesOf(answer: Answer | undefined): Record<string, string> {
  if (answer?.exitCode !== 0) return {};
  const pairs = answer.stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return Object.fromEntries(pairs.flatMap(([name, hash]) => (name && hash ? [[name, hash] as const] : [])));
}

/** The same, whatever was seen a moment ago. @throws as {@link lookAtStack} */
export function lookAnew(host: Host, stack: ComposeStackInputs): Promise<SeenStack> {
  listed.forget(host);
  return lookAtStack(host, stack);
}

/** @throws Error where the guest or its Docker doesn't answer */
export async function lookAtStack(host: Host, stack: ComposeStackInputs): Promise<SeenStack> {
  const [answers, containers] = await Promise.all([ask(host, commands(stack)), listed.get(host)]);
  const [files, env, mode, good, hashes] = answers;
  const text = seenText(`${stack.directory}/${ENV_FILE}`, env);
  return {
    files: sums(files, stack.directory),
    env: text === undefined ? undefined : parseDotenv(text),
    envMode: mode?.exitCode === 0 ? mode.stdout.trim() : undefined,
    containers: containers.filter(({ project }) => project === stack.project),
    hashes: hashesOf(hashes),
    good: good?.exitCode === 0 ? good.stdout.trim().split("/").at(-1) : undefined,
  };
}

/** Whether a container was made by other words than the stack's files say now. */
const isOutdated = ({ service, configHash }: Container, hashes: SeenStack["hashes"]): boolean =>
  hashes[service] !== undefined && configHash !== undefined && hashes[service] !== configHash;

function liveServices({ containers, hashes }: SeenStack, like: ComposeStackInputs): Record<string, StackService> {
  const services: Record<string, StackService> = {};
  for (const container of containers) {
    const { service, image, state, content } = container;
    const known = like.services[service];
    // A one-shot that is up is on its way; a service that completed has stopped.
    const wanted = known?.state ?? "up";
    const said = state === wanted && isOutdated(container, hashes) ? "outdated" : state;
    const live = { image, state: said as StackService["state"], content: known?.content && content };
    // Of several containers of a service the one that is not as wanted counts.
    if (services[service] === undefined || services[service].state === wanted) services[service] = live;
  }
  return services;
}

/** The stack in the words of its inputs; `undefined` where nothing of it is there. */
export function liveStack(seen: SeenStack, like: ComposeStackInputs): ComposeStackInputs | undefined {
  if (seen.containers.length === 0 && Object.keys(seen.files).length === 0 && seen.env === undefined) return undefined;
  const env = Object.entries(like.env).flatMap(([name]) => {
    const value = seen.env?.[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return canonical({
    ...like,
    files: seen.files,
    env: Object.fromEntries(env),
    envMode: seen.envMode && `0${seen.envMode}`,
    services: liveServices(seen, like),
  });
}
