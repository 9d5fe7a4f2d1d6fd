/**
 * The file backend's lock of a stack: who holds it, and whether they are still there. Reads the lock files that the
 * engine writes (`.pulumi/locks/organization/PROJECT/STACK/*.json`: pid, username, hostname, timestamp).
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const Lock = z.object({ pid: z.number(), hostname: z.string() });

/**
 * Clears the locks that a killed run left behind.
 * @param folder where the stack's lock files are.
 * @param clear what removes them all (`pulumi cancel`).
 * @throws where a run that holds the lock is still there.
 */
export async function releaseStaleLock(folder: string, clear: () => Promise<unknown>): Promise<void> {
  if (!existsSync(folder)) return;
  const locks = readdirSync(folder).filter((name) => name.endsWith(".json"));
  if (locks.length === 0) return;
  for (const name of locks) {
    const lock = Lock.safeParse(JSON.parse(readFileSync(join(folder, name), "utf8")));
    if (!lock.success || lock.data.hostname !== hostname()) continue;
    if (isEngine(lock.data.pid)) {
      throw new Error(`this stack is in use by process ${lock.data.pid}: wait for it to end, or stop it`);
    }
  }
  await clear();
}

/** Whether that process is there, works, and is the engine: a pid is soon given to somebody else. */
function isEngine(pid: number): boolean {
  const found = spawnSync("ps", ["-p", String(pid), "-o", "stat=,comm="], { encoding: "utf8" }).stdout.trim();
  // A killed process that nobody has waited for yet still has its name.
  return found.includes("pulumi") && !found.startsWith("Z");
}
