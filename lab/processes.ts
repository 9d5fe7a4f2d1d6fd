/** Processes by number: whether one is there, and whether it is this folder's lab. Reads the process table only. */
import { execFileSync } from "node:child_process";
import type { LabFolder } from "./folder";

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function commandOf(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return "";
  }
}

/** Numbers are given out again: only a process that was started for this folder is ever ended. */
export const isLabOf = (folder: LabFolder, pid: number): boolean =>
  isAlive(pid) && commandOf(pid).trimEnd().endsWith(`--dir ${folder.path}`);
