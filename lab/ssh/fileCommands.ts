/**
 * The commands that the provider has for files where SFTP can't do it (providers/ssh/scripts.ts), on a host's folder. Other
 * texts for `sh -c` are refused: the lab runs no shell.
 */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import { posix } from "node:path";
import { DIRECTORY_SCRIPT, WRITE_SCRIPT } from "../../providers/ssh/scripts";
import { done, failed, type CommandAnswer, type CommandHandler, type HostCommand } from "./command";
import { FileProblem, problemOf, type LabFiles, type LabUser } from "./files";

/** Names that every host knows; others are the caller's. */
const IDS: Readonly<Record<string, number>> = { root: 0 };

/** @param ids of the host's users and groups, by name. */
export function fileCommands(ids: Readonly<Record<string, number>> = {}): CommandHandler {
  const idOf = (name: string): number | undefined => (/^\d+$/.test(name) ? Number(name) : (ids[name] ?? IDS[name]));
  return async (command) => {
    const [program, ...rest] = command.args;
    const [path = ""] = rest.slice(-1);
    try {
      if (program === "env" && rest[0] === "LC_ALL=C") return await look(command, rest.slice(1));
      if (program === "rm" && rest[0] === "-f" && rest.length === 2) return await remove(command, path);
      if (program === "sh" && rest[0] === "-c" && rest[1] === WRITE_SCRIPT)
        return await write(command, rest.slice(3), idOf);
      if (program === "sh" && rest[0] === "-c" && rest[1] === DIRECTORY_SCRIPT)
        return await makeFolder(command, rest.slice(3), idOf);
      return undefined;
    } catch (error) {
      return failed(`${program ?? ""}: ${path}: ${problemOf(error).text}`);
    }
  };
}

async function look(
  { files, user }: HostCommand,
  [program, ...args]: readonly string[],
): Promise<CommandAnswer | undefined> {
  const path = (program === "find" ? args[0] : args.at(-1)) ?? "";
  try {
    if (program === "cat" && args.length === 1) {
      await files.demand(user, path, 4);
      return done(await fs.readFile(await files.real(path, true)));
    }
    if (program === "stat" && args[0] === "-c" && args[1] === "%f %s %u %g %Y") {
      const { mode, size, uid, gid, mtime } = await files.status(path, false);
      return done(`${mode.toString(16)} ${size} ${uid} ${gid} ${mtime}\n`);
    }
    if (program === "find" && args.slice(1).join(" ") === "-mindepth 1 -maxdepth 1 -printf %f\\0") {
      await files.demand(user, path, 4);
      await files.status(path, true);
      const names = await fs.readdir(await files.real(path, true));
      return done(names.map((name) => `${name}\0`).join(""));
    }
    return undefined;
  } catch (error) {
    return failed(`${program ?? ""}: ${path}: ${problemOf(error).text}`);
  }
}

async function remove({ files, user }: HostCommand, path: string): Promise<CommandAnswer> {
  const there = await files.status(path, false).catch(() => undefined);
  if (there === undefined) return done();
  await files.demandFolder(user, path);
  await fs.unlink(await files.real(path, false));
  await files.moved(path, undefined);
  return done();
}

type IdOf = (name: string) => number | undefined;

/** @returns the ids of `user:group`, nothing where none is given, or the name that nobody has. */
function ownerOf(owner: string, idOf: IdOf): Partial<LabUser> | string {
  if (owner === "") return {};
  const [user = "", group = ""] = owner.split(":");
  const [uid, gid] = [idOf(user), idOf(group)];
  if (uid === undefined || gid === undefined) return `chown: invalid user: '${owner}'`;
  return { uid, gid };
}

async function write({ files, user, stdin }: HostCommand, args: readonly string[], idOf: IdOf): Promise<CommandAnswer> {
  const [path = "", mode = "", owner = "", bytes = ""] = args;
  await files.demandFolder(user, path);
  if (stdin.length !== Number(bytes)) return failed("not all of it arrived", 75);
  const ids = ownerOf(owner, idOf);
  if (typeof ids === "string") return failed(ids);
  const temp = posix.join(posix.dirname(path), `.${posix.basename(path)}.infinity-${randomBytes(4).toString("hex")}`);
  await fs.writeFile(await files.real(temp, false), stdin);
  await files.own(temp, { uid: user.uid, gid: user.gid, ...ids, mode: parseInt(mode, 8) });
  await fs.rename(await files.real(temp, false), await files.real(path, false));
  await files.moved(path, undefined);
  await files.moved(temp, path);
  return done();
}

async function makeFolder({ files, user }: HostCommand, args: readonly string[], idOf: IdOf): Promise<CommandAnswer> {
  const [path = "", mode = "", owner = ""] = args;
  const ids = ownerOf(owner, idOf);
  if (typeof ids === "string") return failed(ids);
  await makeParents(files, user, path);
  await files.own(path, { ...ids, ...(mode !== "" && { mode: parseInt(mode, 8) }) });
  return done();
}

async function makeParents(files: LabFiles, user: LabUser, path: string): Promise<void> {
  const there = await files.status(path, true).catch(() => undefined);
  if (there !== undefined) {
    if ((there.mode & 0o170000) !== 0o040000) throw new FileProblem("EEXIST");
    return;
  }
  await makeParents(files, user, posix.dirname(path));
  await files.demandFolder(user, path);
  // Somebody else may make it at the same moment.
  await fs.mkdir(await files.real(path, false), { recursive: true });
  await files.own(path, { mode: 0o755, uid: user.uid, gid: user.gid });
}
