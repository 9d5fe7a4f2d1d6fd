/** The folders of stacks/ on this machine, as text, and Compose's own schema. Reads these, and nothing else; each once. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { composeSpec, type ComposeSpec } from "../house/stacks/composeSpec";
import type { StackFolder, StackFolders } from "../house/stacks/folder";
import { digestOf } from "../providers/compose/digest";

/** What editors and systems leave behind, and a filled-in `.env`: that one has secrets in it. */
const LEFT_OUT = /^(\.env|\.DS_Store|.*~|.*\.swp)$/;

/** Paths of the files below a folder, relative to it, sorted. */
function filesBelow(folder: string, below = ""): string[] {
  const entries = readdirSync(join(folder, below), { withFileTypes: true }).filter(({ name }) => !LEFT_OUT.test(name));
  return entries
    .flatMap((entry) => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(folder, path) : entry.isFile() ? [path] : [];
    })
    .sort();
}

/** What a kernel runs: on a file system without modes everything else is executable, too. */
const isProgram = (content: Buffer, isText: boolean): boolean => !isText || content.subarray(0, 2).equals(SHEBANG);

const SHEBANG = Buffer.from("#!");

/** Its text, and its mark where that doesn't tell all of it. */
function fileAt(path: string): { readonly text: string; readonly mark?: string } {
  const content = readFileSync(path);
  const text = content.toString("utf8");
  const isText = Buffer.from(text).equals(content);
  const executable = (statSync(path).mode & 0o100) !== 0 && isProgram(content, isText);
  return isText && !executable ? { text } : { text, mark: digestOf(content, executable) };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The compiled file lies in bin/components. */
const SCHEMA = resolve(__dirname, "../../schemas/compose.schema.json");

let spec: ComposeSpec | undefined;

/** Compose's own rules, by the schema that the project brings along. */
export const ownSpec = (): ComposeSpec =>
  (spec ??= composeSpec(JSON.parse(readFileSync(SCHEMA, "utf8")) as Readonly<Record<string, unknown>>));

/** @param root path of `stacks/`; where there is no such folder, it has no stacks. */
export function stackFolders(root: string): StackFolders {
  const names = isFolder(root) ? readdirSync(root).filter((name) => isFolder(join(root, name))) : [];
  const read = (name: string): StackFolder | undefined => {
    if (!names.includes(name)) return undefined;
    const folder = join(root, name);
    const files = filesBelow(folder).map((path) => [path, fileAt(join(folder, path))] as const);
    return {
      name,
      files: Object.fromEntries(files.map(([path, { text }]) => [path, text])),
      marks: Object.fromEntries(files.flatMap(([path, { mark }]) => (mark === undefined ? [] : [[path, mark]]))),
    };
  };
  return { names: names.sort(), read, spec: ownSpec };
}
