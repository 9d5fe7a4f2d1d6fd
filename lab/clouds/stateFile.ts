/** The clouds' world on disk: written before a change is answered, by rename, so that a killed lab lost nothing. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { CloudsWorld } from "./world";

const VERSION = 1;

/** What an earlier run left, `undefined` on the first. @throws where the file is not one of the lab's */
export function loadClouds(path: string): CloudsWorld | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const state = JSON.parse(text) as { readonly version?: number; readonly world?: CloudsWorld };
  if (state.version !== VERSION || state.world === undefined)
    throw new Error(`${path}: not a state file of the lab's clouds (version ${VERSION}) - remove it`);
  return state.world;
}

export function saveClouds(path: string, world: CloudsWorld): void {
  const next = `${path}.${process.pid}.tmp`;
  writeFileSync(next, JSON.stringify({ version: VERSION, world }), { mode: 0o600 });
  renameSync(next, path);
}
