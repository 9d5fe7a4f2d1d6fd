/** A file or folder of a guest as two or three commands show it. Pure. */
import type { Answer, Command } from "./bulk";

export interface SeenFile {
  readonly kind: "file" | "directory" | "other";
  /** `0644` */
  readonly mode: string;
  /** By name. */
  readonly owner: string;
  readonly group: string;
  /** By number, as text. */
  readonly uid: string;
  readonly gid: string;
  /** What stands at the path is a link to it. */
  readonly link: boolean;
}

/** Two commands: what the path leads to, and whether it is a link. */
export const lookAt = (path: string): readonly [Command, Command] => [
  ["stat", "-L", "-c", "%a %U %G %u %g %F", "--", path],
  ["test", "-L", path],
];

/** Nothing there, or a link that leads nowhere. Everything else that stat fails for is no answer. */
const NOT_THERE = /No such file or directory|Not a directory/;

/** @throws Error where it can't be told whether it is there */
export function seenFile(path: string, [status, link]: readonly (Answer | undefined)[]): SeenFile | undefined {
  if (status === undefined || link === undefined) throw new Error(`${path}: was not asked for`);
  if (status.exitCode !== 0) {
    if (NOT_THERE.test(status.stderr)) return undefined;
    throw new Error(`${path}: can't be looked at: ${status.stderr}`);
  }
  const [mode = "", owner = "", group = "", uid = "", gid = "", ...rest] = status.stdout.trim().split(" ");
  const words = rest.join(" ");
  const kind = words.startsWith("regular") ? "file" : words === "directory" ? "directory" : "other";
  return { kind, mode: `0${mode.padStart(3, "0")}`, owner, group, uid, gid, link: link.exitCode === 0 };
}

/** Owner and group in the words of who asks: by number where it was asked for by number. */
export const ownership = (seen: SeenFile, asked: { readonly owner?: string; readonly group?: string }) => ({
  owner: /^\d+$/.test(asked.owner ?? "") ? seen.uid : seen.owner,
  group: /^\d+$/.test(asked.group ?? "") ? seen.gid : seen.group,
});

export const readText = (path: string): Command => ["cat", "--", path];

/** The text of a file; `undefined` where there is none. @throws Error where it can't be read */
export function seenText(path: string, answer: Answer | undefined): string | undefined {
  if (answer === undefined) throw new Error(`${path}: was not asked for`);
  if (answer.exitCode === 0) return answer.stdout;
  if (NOT_THERE.test(answer.stderr)) return undefined;
  throw new Error(`${path}: can't be read: ${answer.stderr}`);
}
