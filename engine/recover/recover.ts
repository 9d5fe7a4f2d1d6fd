/**
 * After a run that was killed, the next one goes on without a manual step: its lock goes, and so does the list of what it
 * had begun, where doing that again is safe. Removes lock files of dead runs; changes the state through the engine only.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFolder, stateFile, type AskEngine, type StackPlace } from "./fileBackend";
import {
  describeOperation,
  pendingInState,
  sortPending,
  withoutPending,
  type PendingOperation,
} from "./pendingOperations";
import { releaseStaleLocks, type Lock } from "./staleLocks";

export interface Recovery {
  readonly place: StackPlace;
  readonly ask: AskEngine;
  /** Takes one line for each thing done. */
  readonly say: (line: string) => void;
  /** Whether what was begun is done again by the command that follows: only then is the list cleared. @default true */
  readonly repeats?: boolean;
}

export interface Recovered {
  /** Runs that are at work on the stack now; nothing was done then but for the locks of dead ones. */
  readonly held: readonly Lock[];
  /** Creations of which nobody can tell what became: `up` would do them again. */
  readonly doubtful: readonly PendingOperation[];
}

/** @throws Error where the engine refuses to write the state. */
export async function recover({ place, ask, say, repeats = true }: Recovery): Promise<Recovered> {
  const { released, held } = releaseStaleLocks(lockFolder(place));
  for (const { pid, timestamp } of released)
    say(`the run of ${timestamp.slice(0, 16).replace("T", " ")} was killed (process ${pid}): its lock is released`);
  if (held.length > 0 || !repeats) return { held, doubtful: [] };
  const file = stateFile(place);
  const { repeatable, doubtful } = sortPending(existsSync(file) ? pendingInState(readFileSync(file, "utf8")) : []);
  if (doubtful.length > 0 || repeatable.length === 0) return { held, doubtful };
  await clearPending(place, ask);
  say(`begun by it, and done again by this one where needed: ${repeatable.map(describeOperation).join(", ")}`);
  return { held, doubtful };
}

/** The engine's own way: an imported deployment has no pending operations. Secrets stay encrypted on the way. */
async function clearPending({ stack }: StackPlace, ask: AskEngine): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "infinity-state-"));
  const file = join(folder, "deployment.json");
  const must = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await ask([...args, "--stack", stack]);
    if (code !== 0) throw new Error(`pulumi ${args.slice(0, 2).join(" ")}: ${stderr.trim() || stdout.trim()}`);
    return stdout;
  };
  try {
    writeFileSync(file, withoutPending(await must(["stack", "export"])), { mode: 0o600 });
    await must(["stack", "import", "--file", file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Why `up` is not started, and what to do: for people. */
export function doubtfulText({ stack }: StackPlace, doubtful: readonly PendingOperation[]): string {
  const [one] = doubtful;
  const refresh = `npx infinity pulumi refresh --stack ${stack}`;
  return [
    "a run was killed while it made what follows, and whether it is there can't be told from here; made again, it might be there twice:",
    ...doubtful.map(({ resource }) => `  ${resource.urn}`),
    "Look at the provider's console. What is there is taken up by its id:",
    `  ${refresh} --import-pending-creates '${one?.resource.urn ?? "URN"}' --import-pending-creates ID`,
    `What is not there is taken off the list: ${refresh} --clear-pending-creates`,
  ].join("\n");
}
