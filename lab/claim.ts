/** One lab a folder: two that start at the same time must not write the same state. A file that only one can make. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { LabFolder } from "./folder";
import { isLabOf } from "./processes";

/** Exit code of a lab's process that found another one there. */
export const TAKEN = 3;

function make(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Whether this process may serve the folder. A claim whose process is gone is taken over. */
export function claim(folder: LabFolder): boolean {
  if (make(folder.claim)) return true;
  const holder = Number(readFileSync(folder.claim, "utf8"));
  if (holder !== process.pid && isLabOf(folder, holder)) return false;
  rmSync(folder.claim, { force: true });
  return make(folder.claim);
}
