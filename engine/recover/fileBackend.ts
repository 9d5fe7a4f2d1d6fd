/**
 * Where Pulumi's file backend keeps what concerns one stack: its locks and its state. Reads Pulumi.yaml; asks the engine
 * which login and stack a command is about.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import type { RunResult } from "../run";

/** A stack in a file backend. */
export interface StackPlace {
  /** The backend's folder, which holds `.pulumi/`. */
  readonly backend: string;
  readonly project: string;
  readonly stack: string;
}

/** Runs `pulumi ARGS` without questions, with the environment of the command it is for. */
export type AskEngine = (args: readonly string[]) => Promise<RunResult>;

/** Lock files (`*.json`) of a stack; missing where it was never locked. */
export const lockFolder = ({ backend, project, stack }: StackPlace): string =>
  join(backend, ".pulumi", "locks", "organization", project, stack);

export const stateFile = ({ backend, project, stack }: StackPlace): string =>
  join(backend, ".pulumi", "stacks", project, `${stack}.json`);

export function projectName(root: string): string {
  return String(parseDocument(readFileSync(join(root, "Pulumi.yaml"), "utf8")).get("name"));
}

/**
 * @param url of the login: `file:///home/you/state?metadata=skip`, `file://~`.
 * @returns the folder; `undefined` where the state is elsewhere (Pulumi Cloud, S3 ...).
 */
export function backendFolder(url: string, root: string): string | undefined {
  const [, path] = /^file:\/\/([^?]*)/.exec(url) ?? [];
  if (path === undefined) return undefined;
  const decoded = decodeURIComponent(path);
  return resolve(root, decoded.replace(/^~(?=\/|$)/, homedir()));
}

/** `home` of `--stack home`, `-s home`, `--stack=organization/infinity-node/home`. */
export function namedStack(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => /^(--stack|-s)(=|$)/.test(arg));
  if (at < 0) return undefined;
  const [, inline] = /=(.*)$/.exec(args[at] ?? "") ?? [];
  return (inline ?? args[at + 1])?.split("/").at(-1);
}

const WhoAmI = z.object({ url: z.string() });

/**
 * The stack that `pulumi ARGS` is about.
 * @param root of the checkout.
 * @returns `undefined` where it is in no file backend, or can't be told: then the engine says what it needs.
 */
export async function placeOf(
  args: readonly string[],
  root: string,
  ask: AskEngine,
  env: NodeJS.ProcessEnv = process.env,
): Promise<StackPlace | undefined> {
  // Another folder is another project, with programs and rules of its own.
  if (args.some((arg) => /^(--cwd|-C)(=|$)/.test(arg))) return undefined;
  const given = namedStack(args) ?? env.PULUMI_STACK?.split("/").at(-1);
  const [login, selected] = await Promise.all([
    ask(["whoami", "--verbose", "--json"]),
    given === undefined ? ask(["stack", "--show-name"]) : undefined,
  ]);
  const stack = given ?? (selected?.code === 0 ? selected.stdout.trim() : undefined);
  if (login.code !== 0 || stack === undefined || stack === "") return undefined;
  const backend = backendFolder(WhoAmI.parse(JSON.parse(login.stdout)).url, root);
  return backend === undefined ? undefined : { backend, project: projectName(root), stack };
}
