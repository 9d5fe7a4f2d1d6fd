/**
 * After a run that was killed, the next one goes on without a manual step: its lock goes, and so does the list of what it
 * had begun, where doing that again is safe. Removes lock files of dead runs; changes the state through the engine only.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nobodyLooks, NotTakenUp, readMade, resolveCreations, type Creations, type Resolve } from "./creations";
import { lockFolder, stateFile, type AskEngine, type StackPlace } from "./fileBackend";
import { describeOperation, leftInState, sortPending, withoutPending } from "./pendingOperations";
import { releaseStaleLocks, type Lock } from "./staleLocks";

export interface Recovery {
  readonly place: StackPlace;
  readonly ask: AskEngine;
  /** Takes one line for each thing done. */
  readonly say: (line: string) => void;
  /** Whether what was begun is done again by the command that follows: only then is the list cleared. @default true */
  readonly repeats?: boolean;
  /** Says what became of a creation in somebody else's cloud. @default nobody can tell */
  readonly resolve?: Resolve;
}

export interface Recovered {
  /** Runs that are at work on the stack now; nothing was done then but for the locks of dead ones. */
  readonly held: readonly Lock[];
  /** Creations of which nobody can tell what became: `up` would do them again. */
  readonly doubtful: Creations["doubtful"];
}

/** @throws Error where the engine refuses to write the state; NotTakenUp where what was made is not in it then. */
export async function recover(recovery: Recovery): Promise<Recovered> {
  const { place, ask, say, repeats = true, resolve = nobodyLooks } = recovery;
  const { released, held } = releaseStaleLocks(lockFolder(place));
  for (const { pid, timestamp } of released)
    say(`the run of ${timestamp.slice(0, 16).replace("T", " ")} was killed (process ${pid}): its lock is released`);
  if (held.length > 0 || !repeats) return { held, doubtful: [] };
  const file = stateFile(place);
  const left = leftInState(existsSync(file) ? readFileSync(file, "utf8") : undefined);
  const { repeatable, doubtful: creations } = sortPending(left.pending);
  // The run began when it locked the stack; where that lock is gone already, the state was written after that.
  const times = released.length > 0 ? released.map(({ timestamp }) => timestamp) : [left.written ?? ""];
  const since = Math.min(...times.map((time) => Date.parse(time)));
  const known = { since: Number.isNaN(since) ? undefined : since };
  const { made, absent, doubtful } = await resolveCreations(creations, resolve, ({ resource }) => ({
    ...known,
    taken: left.ids(resource.type),
  }));
  if (doubtful.length > 0) return { held, doubtful };
  if (made.length + repeatable.length + absent.length === 0) return { held, doubtful };
  await clearPending(place, ask, made);
  if (made.length > 0) {
    await readMade(made, place.stack, ask);
    const names = made.map(({ operation, became }) => `${describeOperation(operation)}: ${became.id}`);
    say(`made by it, found in the cloud and taken up: ${names.join(", ")}`);
  }
  const again = [...repeatable, ...absent];
  if (again.length > 0)
    say(`begun by it, and done again by this one where needed: ${again.map(describeOperation).join(", ")}`);
  return { held, doubtful };
}

/** The engine's own way: an imported deployment has no pending operations. Secrets stay encrypted on the way. */
async function clearPending({ stack }: StackPlace, ask: AskEngine, made: Creations["made"]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "infinity-state-"));
  const file = join(folder, "deployment.json");
  const ids = new Map(made.map(({ operation, became }) => [operation.resource.urn, became.id]));
  const must = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await ask([...args, "--stack", stack]);
    if (code === 0) return stdout;
    const said = `pulumi ${args.slice(0, 2).join(" ")}: ${stderr.trim() || stdout.trim()}`;
    throw made.length > 0 ? new NotTakenUp(`what the killed run had made can't be taken up: ${said}`) : new Error(said);
  };
  try {
    writeFileSync(file, withoutPending(await must(["stack", "export"]), ids), { mode: 0o600 });
    await must(["stack", "import", "--file", file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Why `up` is not started, and what to do: for people.
 * @param pulumi how that stack's engine is called.
 */
export function doubtfulText(
  { stack }: Pick<StackPlace, "stack">,
  doubtful: Recovered["doubtful"],
  pulumi = `npx infinity pulumi`,
): string {
  const [one] = doubtful;
  const refresh = `${pulumi} refresh --stack ${stack}`;
  const lines = doubtful.flatMap(({ operation, became: { candidates, reason } }) => [
    `  ${operation.resource.urn}`,
    ...(candidates.length > 0 ? [`    it may be: ${candidates.join(", ")}`] : []),
    ...(reason === undefined ? [] : [`    not looked for: ${reason}`]),
  ]);
  const id = one?.became.candidates[0] ?? "ID";
  return [
    "a run was killed while it made what follows, and whether it is there can't be told from here; made again, it might be there twice:",
    ...lines,
    "Look at the provider's console. What is there is taken up by its id:",
    `  ${refresh} --import-pending-creates '${one?.operation.resource.urn ?? "URN"}' --import-pending-creates ${id}`,
    `What is not there is taken off the list: ${refresh} --clear-pending-creates`,
  ].join("\n");
}
