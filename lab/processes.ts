/** Processes by number: whether one is there, and whether it is this folder's lab. Reads the process table only. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { LabFolder } from "./folder";

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const readers: readonly ((pid: number) => string)[] = [
  (pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" "),
  (pid) =>
    execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
];

/** The command line, from `/proc` or else from `ps`: macOS has no `/proc`, a slim container no `ps`. */
function commandOf(pid: number): string {
  for (const read of readers) {
    try {
      return read(pid);
    } catch {
      // The next one may know.
    }
  }
  return "";
}

/** Numbers are given out again: only a process that was started for this folder is ever ended. */
export const isLabOf = (folder: LabFolder, pid: number): boolean =>
  isAlive(pid) && commandOf(pid).trimEnd().endsWith(`--dir ${folder.path}`);
