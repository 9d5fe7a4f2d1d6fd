/**
 * A file of a guest as a whole: content, mode and owner. With `validate` a new content is tried before it takes the place
 * of the former one; with `reload` its reader is told, also when an earlier run was killed in between.
 */
import { z } from "zod";
import { sameCanonical } from "../../canonical";
import { fileMode, guestPath, onGuest, ownerName, type OnGuest } from "../guest";
import type { Command } from "../bulk";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { reloadDue, withReload } from "../reload";
import { lookAt, ownership, readText, seenFile, seenText, type SeenFile } from "../seenFile";
import { run, type Step } from "../step";

export interface FileSpec extends OnGuest {
  /** Absolute. Another path is another file: the former one stays where it is. Its folder has to be there. */
  readonly path: string;
  /** The whole text. In place. Mark a secret one as a secret: it is shown in no message. */
  readonly content: string;
  /** Permission bits: `0600`. In place. @default 0644 */
  readonly mode?: string;
  /** In place. @default root */
  readonly owner?: string;
  /** In place. @default root */
  readonly group?: string;
  /** Command that refuses a bad content by its exit code; `%s` is the new content's path. */
  readonly validate?: readonly string[];
  /** Command that makes its reader take it up: `systemctl reload ssh`. */
  readonly reload?: readonly string[];
  /** Set by `check`, false where a reload is still due: no need to give it. */
  readonly loaded?: boolean;
}

interface Seen {
  readonly file?: SeenFile;
  readonly text?: string;
  readonly due: boolean;
}

const command = z.array(z.string()).min(1);

const schema: z.ZodType<FileSpec> = z.strictObject({
  ...onGuest,
  path: guestPath,
  content: z.string().refine((text) => !text.includes("\0"), { error: "a text: no NUL character" }),
  mode: fileMode.optional(),
  owner: ownerName.optional(),
  group: ownerName.optional(),
  validate: command
    .refine((args) => args.some((arg) => arg.includes("%s")), { error: "%s stands where the file's path goes" })
    .optional(),
  reload: command.optional(),
  loaded: z.boolean().optional(),
});

const filled = (args: readonly string[], path: string): Command =>
  args.map((arg) => arg.replaceAll("%s", path)) as unknown as Command;

function placed({ path, content, mode = "0644", owner = "root", group = "root", validate }: FileSpec): Step[] {
  const write = (to: string): Step => ({ kind: "write", path: to, content, mode, owner: `${owner}:${group}` });
  if (validate === undefined) return [write(path)];
  // Beside it, under a name that no reader of the folder takes up.
  const next = `${path}.infinity-new`;
  const steps = [write(next), { kind: "run", command: filled(validate, next) } as const, run("mv", "-fT", next, path)];
  return [{ kind: "guarded", steps, undo: [run("rm", "-f", next)] }];
}

export const fileKind: Kind<FileSpec, Seen> = {
  noun: "file",
  schema,
  identity: ["path"],
  hidden: ["content"],
  canonical: (inputs) => ({
    ...inputs,
    mode: inputs.mode ?? "0644",
    owner: inputs.owner ?? "root",
    group: inputs.group ?? "root",
    loaded: inputs.reload && true,
  }),
  name: ({ path }) => path,
  look: ({ path, reload }) => [...lookAt(path), readText(path), ...(reload ? [reloadDue(path)] : [])],
  see: ([status, link, text, due], { path }) => {
    const file = seenFile(path, [status, link]);
    if (file === undefined) return { due: due?.exitCode === 0 };
    return { file, text: file.kind === "file" ? seenText(path, text) : undefined, due: due?.exitCode === 0 };
  },
  live: ({ file, text, due }, inputs) =>
    file && {
      ...inputs,
      content: text ?? "",
      mode: file.mode,
      ...ownership(file, inputs),
      loaded: inputs.reload && !due,
    },
  steps: ({ file, text, due }, wanted) => {
    if (file !== undefined && file.kind !== "file")
      throw new Error(`there is a ${file.kind} at ${wanted.path} - move it away, or name another path`);
    if (file?.link === true)
      throw new Error(`${wanted.path} is a link: writing would cut it off - name the file that it leads to`);
    const has = file && { content: text, mode: file.mode, ...ownership(file, wanted) };
    const { content, mode, owner, group } = wanted;
    const right = sameCanonical(has, { content, mode, owner, group });
    const change = right ? [] : placed(wanted);
    if (wanted.reload === undefined) return change;
    const reload: Step = { kind: "run", command: filled(wanted.reload, wanted.path) };
    return change.length > 0 || due ? withReload(wanted.path, change, [reload]) : [];
  },
  remove: ({ path, reload }) => {
    const gone = run("rm", "-f", "--", path);
    return reload ? withReload(path, [gone], [{ kind: "run", command: filled(reload, path) }]) : [gone];
  },
};

export const lifecycle = guestLifecycle(fileKind);
