/** `find` of a simulated guest, as far as the provider uses it: whether a place holds anything but folders. */
import * as fs from "node:fs/promises";
import { posix } from "node:path";
import { FileProblem, type LabFiles } from "../../ssh/files";
import { refused, said, type Program } from "../program";

const KIND_BITS = 0o170000;
const DIRECTORY = 0o040000;

/** The first thing at or below a path that is no folder. @param follow whether a link at the path itself is followed */
async function firstIn(files: LabFiles, path: string, follow: boolean): Promise<string | undefined> {
  if (((await files.status(path, follow)).mode & KIND_BITS) !== DIRECTORY) return path;
  for (const name of await fs.readdir(await files.real(path, true))) {
    const found = await firstIn(files, posix.join(path, name), false);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `find -H PATH ! -type d -print -quit` */
export const find: Program = async ([follow, path = "", ...rest], { files, run }) => {
  if (follow !== "-H" || rest.join(" ") !== "! -type d -print -quit") return undefined;
  // Below the NAS's share whoever asks waits for it.
  const asked = await run(["statfs", path]);
  if (asked.exitCode !== 0) return asked;
  try {
    const first = await firstIn(files, path, true);
    return said(first === undefined ? "" : `${first}\n`);
  } catch (error) {
    if (error instanceof FileProblem) return refused(`find: '${path}': ${error.text}`);
    throw error;
  }
};
