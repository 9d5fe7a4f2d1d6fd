/**
 * What has to be told to a service after its file was changed, so that a run that is killed in between is made good by the
 * next one: a mark is set before the change and taken away after the reload. It lies below /run: a guest that was started
 * anew has read its files anew. Pure.
 */
import type { Command } from "./bulk";
import { run, type Step } from "./step";

const FOLDER = "/run/infinity-node";

const markOf = (path: string): string => `${FOLDER}/${path.slice(1).replaceAll("%", "%25").replaceAll("/", "%2F")}`;

/** Exit code 0: a reload of what reads this file is still due. */
export const reloadDue = (path: string): Command => ["test", "-e", markOf(path)];

/** @param change of the file. @param reload what makes its reader take it up. */
export const withReload = (path: string, change: readonly Step[], reload: readonly Step[]): Step[] => [
  run("mkdir", "-p", FOLDER),
  run("touch", markOf(path)),
  ...change,
  ...reload,
  run("rm", "-f", markOf(path)),
];
