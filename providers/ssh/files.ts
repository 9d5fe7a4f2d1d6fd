/**
 * Files of one host: over SFTP as the user who is logged in; by commands where that has to be root, or an owner is given by
 * name. A file is the former one or the new one at every moment.
 */
import { randomBytes } from "node:crypto";
import { posix } from "node:path";
import { runCommand, type Ended, type Shell } from "./commands";
import { SshError } from "./error";
import type { FileOptions, FileStatus, RunOptions, WriteOptions } from "./host";
import { directoryCommand, listCommand, readCommand, removeCommand, statCommand, writeCommand } from "./scripts";
import { SFTP_STATUS, SftpFailure, sftpOf, type Sftp } from "./sftp";
import { targetName } from "./target";

const LARGEST = 16 * 1024 * 1024;
/** Seconds after which what a killed run left beside a file is nobody's any more. */
const STALE = 3600;
const ATTEMPTS = 3;

const absolute = (path: string): string => {
  if (path.startsWith("/") && !path.endsWith("/")) return path;
  throw new Error(`${path}: a path on a host starts with / and ends with a name`);
};

const byCommand = ({ target }: Shell, { sudo }: FileOptions): boolean => sudo === true && target.user !== "root";

export async function readFile(shell: Shell, path: string, options: FileOptions): Promise<Buffer | undefined> {
  absolute(path);
  if (byCommand(shell, options)) return (await look(shell, readCommand(path)))?.stdout;
  return overSftp(shell, `read ${path}`, async (sftp) => {
    const handle = await sftp.open(path, "r");
    try {
      return await sftp.readAll(handle, LARGEST);
    } finally {
      await sftp.close(handle);
    }
  });
}

export async function stat(shell: Shell, path: string, options: FileOptions): Promise<FileStatus | undefined> {
  if (byCommand(shell, options)) {
    const ended = await look(shell, statCommand(path));
    if (ended === undefined) return undefined;
    const [mode = "", size, uid, gid, modified] = ended.stdout.toString("utf8").trim().split(" ");
    return statusOf({
      mode: parseInt(mode, 16),
      size: Number(size),
      uid: Number(uid),
      gid: Number(gid),
      mtime: Number(modified),
    });
  }
  return overSftp(shell, `stat ${path}`, async (sftp) => statusOf(await sftp.lstat(path)));
}

const KINDS: Readonly<Record<number, FileStatus["kind"]>> = {
  0o100000: "file",
  0o040000: "directory",
  0o120000: "link",
};

type Attributes = Readonly<Record<"mode" | "size" | "uid" | "gid" | "mtime", number>>;

const statusOf = ({ mode, size, uid, gid, mtime }: Attributes): FileStatus => ({
  kind: KINDS[mode & 0o170000] ?? "other",
  mode: mode & 0o7777,
  ...{ size, uid, gid, modified: mtime },
});

export async function list(shell: Shell, path: string, options: FileOptions): Promise<readonly string[] | undefined> {
  if (byCommand(shell, options)) {
    const ended = await look(shell, listCommand(path));
    return ended?.stdout.toString("utf8").split("\0").slice(0, -1).sort();
  }
  return overSftp(shell, `list ${path}`, async (sftp) =>
    (await sftp.readdir(path)).map(({ filename }) => filename).sort(),
  );
}

export async function removeFile(shell: Shell, path: string, options: FileOptions): Promise<void> {
  absolute(path);
  if (byCommand(shell, options)) await runCommand(shell, removeCommand(path), { sudo: true }, `remove ${path}`);
  else {
    await shell.before(`remove ${path}`);
    await overSftp(shell, `remove ${path}`, (sftp, acts) => {
      acts();
      return sftp.unlink(path);
    });
  }
}

export async function makeDirectory(shell: Shell, path: string, { sudo, mode, owner }: WriteOptions): Promise<void> {
  await runCommand(shell, directoryCommand(path, mode, owner), { sudo }, `make the folder ${path}`);
}

export async function writeFile(
  shell: Shell,
  path: string,
  content: Buffer,
  { sudo = false, mode = 0o644, owner }: WriteOptions,
): Promise<void> {
  absolute(path);
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(owner ?? "") ?? [];
  if (byCommand(shell, { sudo }) || (owner !== undefined && uid === undefined)) {
    const command = writeCommand(path, mode, owner, content.length);
    await runCommand(shell, command, { stdin: content, sudo }, `write ${path}`);
    return;
  }
  await shell.before(`write ${path}`);
  const ids = uid === undefined ? {} : { uid: Number(uid), gid: Number(gid) };
  const done = await overSftp(shell, `write ${path}`, (sftp, acts) =>
    replace(sftp, path, content, { mode, ...ids }, acts),
  );
  if (done === undefined)
    throw new SshError({
      kind: "file",
      host: targetName(shell.target),
      command: `write ${path}`,
      text: "there is no such folder",
      advice: `make ${posix.dirname(path)} before`,
      noEffect: true,
    });
}

async function replace(
  sftp: Sftp,
  path: string,
  content: Buffer,
  attributes: { readonly mode: number; readonly uid?: number; readonly gid?: number },
  acts: () => void,
): Promise<true> {
  const folder = posix.dirname(path);
  const prefix = `.${posix.basename(path)}.infinity-`;
  const temp = posix.join(folder, `${prefix}${randomBytes(4).toString("hex")}`);
  const handle = await sftp.open(temp, "wx", { mode: 0o600 });
  try {
    const { uid, gid, mode } = attributes;
    // A change of owner clears set-id bits: the mode comes after it.
    if (uid !== undefined) await sftp.setstat(handle, { uid, gid });
    await sftp.setstat(handle, { mode });
    await sftp.writeAll(handle, content);
    await sftp.fsync(handle);
    await sftp.close(handle);
    acts();
    await sftp.rename(temp, path);
  } catch (error) {
    if (!(error instanceof SftpFailure && error.dropped)) await sftp.unlink(temp).catch(() => undefined);
    throw error;
  }
  await removeStale(sftp, folder, prefix).catch(() => undefined);
  return true;
}

/** By the host's own clock. What can't be removed stays: the file itself is written. */
async function removeStale(sftp: Sftp, folder: string, prefix: string): Promise<void> {
  const entries = await sftp.readdir(folder);
  const now = Math.max(...entries.map(({ attrs }) => attrs.mtime));
  const stale = entries.filter(({ filename, attrs }) => filename.startsWith(prefix) && attrs.mtime < now - STALE);
  for (const { filename } of stale) await sftp.unlink(posix.join(folder, filename));
}

/** @returns `undefined` where there is none: told from every other failure by what the command says. */
async function look(shell: Shell, command: readonly string[]): Promise<Ended | undefined> {
  const options: RunOptions = { sudo: true, reads: true, accept: [0, 1] };
  const ended = await runCommand(shell, command, options);
  const text = ended.stderr.toString("utf8");
  if (ended.exitCode === 0) return ended;
  if (/: (No such file or directory|Not a directory)\s*$/.test(text)) return undefined;
  return runCommand(shell, command, { ...options, accept: [0] });
}

/**
 * @param acts told by `work` when it is about to change something; what dropped before is repeated.
 * @returns `undefined` where there is no such file.
 */
async function overSftp<T>(
  shell: Shell,
  what: string,
  work: (sftp: Sftp, acts: () => void) => Promise<T>,
): Promise<T | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const done = { acted: false };
    try {
      return await shell.links.use(async (link) => work(await sftpOf(link), () => (done.acted = true)));
    } catch (error) {
      if (!(error instanceof SftpFailure)) throw error;
      if (error.status === SFTP_STATUS.noSuchFile) return undefined;
      if (!error.dropped || done.acted || attempt >= ATTEMPTS) throw failed(shell, what, error, !done.acted);
    }
  }
}

function failed({ target }: Shell, command: string, error: SftpFailure, noEffect: boolean): SshError {
  const fields = { host: targetName(target), command, noEffect };
  if (error.dropped) {
    const text = `the connection ended under it${noEffect ? "" : "; it may have been done"}`;
    return new SshError({ ...fields, kind: "dropped", text }, { cause: error });
  }
  const advice = error.status === SFTP_STATUS.permissionDenied ? `check what ${target.user} may do there` : undefined;
  return new SshError({ ...fields, kind: "file", text: error.message, advice, noEffect: true }, { cause: error });
}
