/** A folder of a guest: that it is there, its mode and owner. What lies in it is never touched. */
import { z } from "zod";
import { sameCanonical } from "../../canonical";
import { fileMode, guestPath, onGuest, ownerName, type OnGuest } from "../guest";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { lookAt, ownership, seenFile, type SeenFile } from "../seenFile";
import { run } from "../step";

export interface DirectorySpec extends OnGuest {
  /** Absolute; folders above it are made too. Another path is another folder. */
  readonly path: string;
  /** Permission bits: `0755`. In place. @default 0755 */
  readonly mode?: string;
  /** In place. @default root */
  readonly owner?: string;
  /** In place. @default root */
  readonly group?: string;
}

const schema: z.ZodType<DirectorySpec> = z.strictObject({
  ...onGuest,
  path: guestPath,
  mode: fileMode.optional(),
  owner: ownerName.optional(),
  group: ownerName.optional(),
});

/** Only an empty one goes: rmdir refuses any other, and one that is gone already. */
export const EMPTY_GONE = '[ ! -e "$1" ] || exec rmdir -- "$1"';

export const directoryKind: Kind<DirectorySpec, SeenFile | undefined> = {
  noun: "folder",
  schema,
  identity: ["path"],
  canonical: ({ mode = "0755", owner = "root", group = "root", ...rest }) => ({ ...rest, mode, owner, group }),
  name: ({ path }) => path,
  look: ({ path }) => lookAt(path),
  see: (answers, { path }) => seenFile(path, answers),
  live: (seen, inputs) => seen && { ...inputs, mode: seen.mode, ...ownership(seen, inputs) },
  steps: (seen, { path, mode = "0755", owner = "root", group = "root" }) => {
    if (seen !== undefined && seen.kind !== "directory")
      throw new Error(`there is a ${seen.kind} at ${path} - move it away, or name another path`);
    const has = seen && { mode: seen.mode, ...ownership(seen, { owner, group }) };
    if (sameCanonical(has, { mode, owner, group })) return [];
    return [{ kind: "directory", path, mode, owner: `${owner}:${group}` }];
  },
  remove: ({ path }) => [run("sh", "-c", EMPTY_GONE, "sh", path)],
};

export const lifecycle = guestLifecycle(directoryKind);
