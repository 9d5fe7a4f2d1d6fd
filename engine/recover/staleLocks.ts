/**
 * Locks that killed runs left on a stack in a file backend. One is removed only where its holder provably is no more: a
 * process of this machine that is gone, or is no engine by now. Reads the process table; removes lock files only.
 */
import { execFileSync, type ExecFileSyncOptionsWithStringEncoding } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** As the engine writes it: `.pulumi/locks/organization/PROJECT/STACK/UUID.json`. */
const Lock = z.object({ pid: z.number().int().positive(), hostname: z.string(), timestamp: z.string() });

export type Lock = z.infer<typeof Lock>;

const QUIET: ExecFileSyncOptionsWithStringEncoding = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };

export interface Locks {
  /** Removed. */
  readonly released: readonly Lock[];
  /** Whose holders work on this machine. Locks of other machines are neither here nor there: the engine tells of them. */
  readonly held: readonly Lock[];
}

export interface FoundLock {
  readonly file: string;
  readonly lock: Lock;
  /** `elsewhere`: on another machine, where nobody can be asked from here. */
  readonly holder: "at work" | "gone" | "elsewhere";
}

/** @param folder where the stack's lock files are. What is none of the engine's is left out. */
export function findLocks(folder: string): FoundLock[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return names.flatMap((name): FoundLock[] => {
    const file = join(folder, name);
    const lock = readLock(file);
    if (!lock) return [];
    const isHere = lock.hostname === hostname();
    return [{ file, lock, holder: isHere ? (isEngine(lock.pid) ? "at work" : "gone") : "elsewhere" }];
  });
}

/** @param folder where the stack's lock files are. */
export function releaseStaleLocks(folder: string): Locks {
  const found = findLocks(folder);
  // Each by its own file, and not all at once as `pulumi cancel` does: another run may have locked the stack meanwhile.
  for (const { file, holder } of found) if (holder === "gone") rmSync(file, { force: true });
  const held = (holder: FoundLock["holder"]): Lock[] =>
    found.filter((one) => one.holder === holder).map(({ lock }) => lock);
  return { released: held("gone"), held: held("at work") };
}

/** `undefined` where it is gone by now, or nothing that the engine writes. */
function readLock(file: string): Lock | undefined {
  try {
    return Lock.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Whether that process is there, works, and may be the engine: a pid is soon given to somebody else. */
function isEngine(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const found = stateAndName(pid);
  // A killed process that nobody has waited for yet still has its name.
  return found === undefined || (found.name.includes("pulumi") && !found.state.startsWith("Z"));
}

/** From `/proc` or else from `ps`: macOS has no `/proc`, a slim container no `ps`. `undefined`: it can't be told. */
function stateAndName(pid: number): { readonly state: string; readonly name: string } | undefined {
  const readers = [
    () => /\((?<name>.*)\) (?<state>\S)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")),
    () => /^(?<state>\S+)\s+(?<name>.*)$/.exec(execFileSync("ps", ["-p", String(pid), "-o", "stat=,comm="], QUIET)),
  ];
  for (const read of readers) {
    try {
      const { state, name } = read()?.groups ?? {};
      if (state !== undefined && name !== undefined) return { state, name };
    } catch {
      // The next one may know.
    }
  }
  return undefined;
}
