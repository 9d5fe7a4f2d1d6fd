/** A stack as it is on its guest: its files, its variables, its containers. Asks; what the answers mean is pure. */
import { canonical, sameCanonical } from "../canonical";
import { ask, type Answer, type Command } from "../guest/bulk";
import { seenText } from "../guest/seenFile";
import type { Host } from "../ssh/host";
import type { ComposeStackInputs, StackService } from "./args";
import { containers as listed, type Container } from "./containers";
import { isExecutable, marked } from "./digest";
import { movedPlaces } from "./mounts";
import { parseDotenv, type Variables } from "./dotenv";
import { integrityOf } from "./integrity";
import { owedLink, owedServices } from "./owed";
import { compose, ENV_FILE, isRelease, LABELS_FILE } from "./release";

export interface SeenStack {
  /** Digest of each of its files that is there, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 of the labels of its services; `undefined` where there is no such file. */
  readonly labels?: string;
  /** Every variable of its `.env`; `undefined` where there is none. */
  readonly env?: Variables;
  /** Text of its `.env`. */
  readonly dotenv?: string;
  /** Permission bits of its `.env`. */
  readonly envMode?: string;
  /** When one of all these was last written, moved here or given to somebody else, in Unix seconds; where all are there. */
  readonly changed?: number;
  readonly containers: readonly Container[];
  /** Hash of each service as its files describe it now; empty where they don't hold together. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Whether Compose can read its files. */
  readonly readable: boolean;
  /** The release that was up last: `0123456789abcdef`. */
  readonly good?: string;
  /** The release that stands in its place. Another one than `good` is one whose deployment was cut off. */
  readonly current?: string;
  /** Services whose containers are to be made anew, as a file that they mount was edited and put right: see owed.ts. */
  readonly owed: readonly string[];
}

const pathsOf = ({ directory, files }: ComposeStackInputs): string[] =>
  Object.keys(files).map((path) => `${directory}/${path}`);

const commands = (stack: ComposeStackInputs): Command[] => [
  // sha256sum has words of its own for names with a backslash or line break: none gets past check.
  ["sha256sum", "--", `${stack.directory}/${LABELS_FILE}`, ...pathsOf(stack)],
  ["cat", "--", `${stack.directory}/${ENV_FILE}`],
  // Mode, and the time of the last change of content, name or owner, which nobody can set.
  ["stat", "-L", "-c", "%a %.3Z %n", "--", `${stack.directory}/${ENV_FILE}`, ...pathsOf(stack)],
  ["readlink", "--", `${stack.directory}/good`],
  ["readlink", "--", `${stack.directory}/current`],
  ["readlink", "--", owedLink(stack)],
  compose(stack, stack.directory, "config", "--hash", "*"),
];

function sums(answer: Answer | undefined, directory: string): Record<string, string> {
  const lines = (answer?.stdout ?? "").split("\n").map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line));
  return Object.fromEntries(
    lines.flatMap((match) => (match ? [[(match[2] ?? "").slice(directory.length + 1), match[1] ?? ""] as const] : [])),
  );
}

/** By path. */
function statuses(answer: Answer | undefined): Map<string, { readonly mode: string; readonly changed: number }> {
  const lines = (answer?.stdout ?? "").split("\n").map((line) => /^(\d+) (\d+(?:\.\d+)?) (.+)$/.exec(line));
  return new Map(
    lines.flatMap((match) =>
      match ? [[match[3] ?? "", { mode: match[1] ?? "", changed: Number(match[2]) }] as const] : [],
    ),
  );
}

function hashesOf(answer: Answer | undefined): Record<string, string> {
  if (answer?.exitCode !== 0) return {};
  const pairs = answer.stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return Object.fromEntries(pairs.flatMap(([name, hash]) => (name && hash ? [[name, hash] as const] : [])));
}

const linked = (answer: Answer | undefined): string | undefined =>
  answer?.exitCode === 0 ? answer.stdout.trim().split("/").at(-1) : undefined;

/** The same, whatever was seen a moment ago. @throws as {@link lookAtStack} */
export function lookAnew(host: Host, stack: ComposeStackInputs): Promise<SeenStack> {
  listed.forget(host);
  return lookAtStack(host, stack);
}

/** @throws Error where the guest or its Docker doesn't answer */
export async function lookAtStack(host: Host, stack: ComposeStackInputs): Promise<SeenStack> {
  const [answers, containers] = await Promise.all([ask(host, commands(stack)), listed.get(host)]);
  const [files, env, status, good, current, owed, hashes] = answers;
  const text = seenText(`${stack.directory}/${ENV_FILE}`, env);
  const all = statuses(status);
  const { [LABELS_FILE]: labels, ...own } = sums(files, stack.directory);
  const release = linked(current);
  const mayRun = (path: string): boolean => {
    const mode = Number.parseInt(all.get(`${stack.directory}/${path}`)?.mode ?? "0", 8);
    // Of files that a person put there, what they may is told only where it matters.
    const matters = isExecutable(stack.files[path] ?? "") || (release !== undefined && isRelease(release));
    return matters && (mode & 0o100) !== 0;
  };
  return {
    files: Object.fromEntries(Object.entries(own).map(([path, sum]) => [path, marked(sum, mayRun(path))])),
    labels,
    env: text === undefined ? undefined : parseDotenv(text),
    dotenv: text,
    envMode: all.get(`${stack.directory}/${ENV_FILE}`)?.mode,
    changed: status?.exitCode === 0 ? Math.max(...[...all.values()].map(({ changed }) => changed)) : undefined,
    containers: containers.filter(({ project }) => project === stack.project),
    hashes: hashesOf(hashes),
    readable: hashes?.exitCode === 0,
    good: linked(good),
    current: release,
    owed: owedServices(owed),
  };
}

/**
 * Whether a container was made by other words than the stack's files say now. Of one that is joined to another, `config
 * --hash` doesn't know the other's id, and of one that is handed variables as they are not always their values: their files
 * tell, their variables and their release.
 */
const isOutdated = (
  { service, configHash, joined }: Container,
  known: StackService | undefined,
  { hashes }: SeenStack,
) =>
  !joined &&
  known?.handsOn !== true &&
  hashes[service] !== undefined &&
  configHash !== undefined &&
  hashes[service] !== configHash;

/** Whether a deployment began that nobody saw end. What was there by hand before is nobody's deployment. */
const isUnfinished = ({ current, good }: SeenStack): boolean =>
  current !== undefined && isRelease(current) && current !== good;

function stateOf(container: Container, known: StackService | undefined, seen: SeenStack): string {
  if (container.retagged) return "other image";
  if (container.strays.length > 0) return `in a network by hand: ${container.strays.join(", ")}`;
  if (isOutdated(container, known, seen)) return "outdated";
  return isUnfinished(seen) ? "unfinished" : container.state;
}

/**
 * Whether a container that bears no hash of ours, as it was made by hand, was made of what the house says: all of it is
 * there, and was when the container was made.
 */
function isMadeOf(seen: SeenStack, like: ComposeStackInputs, { created }: Container): boolean {
  if (created === undefined || seen.changed === undefined || created < seen.changed) return false;
  return sameCanonical(seen.files, like.files) && sameCanonical(ownEnv(seen, like), like.env);
}

/** Variables that the house names, as they are there. */
function ownEnv({ env = {} }: SeenStack, like: ComposeStackInputs): Variables {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name in like.env));
}

/** As the house says it, but for what lies elsewhere: only that can start a container without its data. */
function dataOf({ data }: Container, known: StackService): StackService["data"] {
  const moved = movedPlaces(data, known).map(({ at, source, volume }) => [at, volume ?? source] as const);
  return known.data && { ...known.data, ...Object.fromEntries(moved) };
}

function liveServices(seen: SeenStack, like: ComposeStackInputs): Record<string, StackService> {
  const { containers } = seen;
  const services: Record<string, StackService> = {};
  for (const container of containers) {
    const { service, image, state } = container;
    const known = like.services[service];
    const content = container.content ?? (isMadeOf(seen, like, container) ? known?.content : undefined);
    const has = seen.owed.includes(service) ? undefined : content;
    // A one-shot that is up is on its way; a service that completed has stopped.
    const wanted = known?.state ?? "up";
    const said = state === wanted ? stateOf(container, known, seen) : state;
    const own = { content: known?.content && has, data: known && dataOf(container, known) };
    const given = { files: known?.files, handsOn: known?.handsOn };
    const live = { image, state: said as StackService["state"], ...given, ...own };
    // Of several containers of a service the one that is not as wanted counts.
    if (services[service] === undefined || services[service].state === wanted) services[service] = live;
  }
  return services;
}

/** The stack in the words of its inputs; `undefined` where nothing of it is there. */
export function liveStack(seen: SeenStack, like: ComposeStackInputs): ComposeStackInputs | undefined {
  if (seen.containers.length === 0 && Object.keys(seen.files).length === 0 && seen.env === undefined) return undefined;
  return canonical({
    ...like,
    files: seen.files,
    env: ownEnv(seen, like),
    envMode: seen.envMode && `0${seen.envMode}`,
    integrity: integrityOf(seen, like),
    services: liveServices(seen, like),
  });
}
