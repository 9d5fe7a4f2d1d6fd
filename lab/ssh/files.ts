/**
 * A host's files in one folder of this machine. Owners and permission bits are the host's own, recorded beside the folder:
 * nobody here has to be root. No path and no link of the host leads out of the folder.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as fs from "node:fs/promises";
import { join, posix } from "node:path";

export interface LabUser {
  readonly uid: number;
  readonly gid: number;
}

export const ROOT: LabUser = { uid: 0, gid: 0 };

interface Owned {
  mode: number;
  uid: number;
  gid: number;
}

export interface LabStatus extends Owned {
  readonly size: number;
  readonly mtime: number;
  readonly atime: number;
  /** Of its last change, with milliseconds; a change of mode or owner is in the host's record only. */
  readonly ctime: number;
}

/** As the system calls name it; `text` as `strerror` says it. */
export class FileProblem extends Error {
  constructor(readonly code: "ENOENT" | "EACCES" | "EEXIST" | "ENOTDIR" | "EISDIR" | "ENOTEMPTY" | "ELOOP" | "EINVAL") {
    super(code);
  }

  get text(): string {
    return STRERROR[this.code];
  }
}

const STRERROR = {
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EEXIST: "File exists",
  ENOTDIR: "Not a directory",
  EISDIR: "Is a directory",
  ENOTEMPTY: "Directory not empty",
  ELOOP: "Too many levels of symbolic links",
  EINVAL: "Invalid argument",
} as const;

/** The same as a host says it; what no host says is the lab's own failure. */
export function problemOf(error: unknown): FileProblem {
  if (error instanceof FileProblem) return error;
  const { code = "" } = error as NodeJS.ErrnoException;
  if (code in STRERROR) return new FileProblem(code as FileProblem["code"]);
  throw error;
}

const guarded = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw problemOf(error);
  });

/** `r` 4, `w` 2, `x` 1 */
export type Right = 4 | 2 | 1;

export class LabFiles {
  private readonly owned: Record<string, Owned>;

  /** @param root the folder, which has to be there. */
  constructor(private readonly root: string) {
    this.owned = readOwned(this.record);
  }

  private get record(): string {
    return `${this.root}.owners.json`;
  }

  /** The path on this machine. @param follow whether a link at its end is followed. @throws FileProblem */
  async real(path: string, follow: boolean): Promise<string> {
    return join(this.root, await this.resolved(path, follow));
  }

  /** The host's own path of it, free of links and dots. @throws FileProblem */
  async resolved(path: string, follow: boolean): Promise<string> {
    let rest = posix.resolve("/", path).split("/").filter(Boolean);
    let at = "/";
    for (let links = 0; rest.length > 0;) {
      const [name = "", ...more] = rest;
      rest = more;
      const next = posix.join(at, name);
      const target = rest.length > 0 || follow ? await this.linkAt(next) : undefined;
      if (target === undefined) {
        at = next;
        continue;
      }
      if (++links > 40) throw new FileProblem("ELOOP");
      rest = [...posix.resolve(at, target).split("/").filter(Boolean), ...rest];
      at = "/";
    }
    return at;
  }

  private linkAt(path: string): Promise<string | undefined> {
    return fs.readlink(join(this.root, path)).catch(() => undefined);
  }

  /** @throws FileProblem */
  async status(path: string, follow: boolean): Promise<LabStatus> {
    const host = await this.resolved(path, follow);
    const found = await guarded(fs.lstat(join(this.root, host)));
    const kind = found.mode & 0o170000;
    const standard = found.isDirectory() ? 0o755 : found.isSymbolicLink() ? 0o777 : 0o644;
    const { mode, uid, gid } = this.owned[host] ?? { mode: standard, ...ROOT };
    const [mtime, atime] = [found.mtimeMs, found.atimeMs].map((ms) => Math.floor(ms / 1000));
    const ctime = Math.floor(found.ctimeMs) / 1000;
    return { size: found.size, mode: kind | mode, uid, gid, mtime: mtime ?? 0, atime: atime ?? 0, ctime };
  }

  /** Sets what is given. @throws FileProblem where there is nothing. */
  async own(path: string, change: Partial<Owned>): Promise<void> {
    const before = await this.status(path, true);
    const host = await this.resolved(path, true);
    const { uid = before.uid, gid = before.gid } = change;
    // Linux clears the set-id bits with the owner.
    const kept = uid === before.uid && gid === before.gid ? before.mode & 0o7777 : before.mode & 0o1777;
    this.owned[host] = { mode: change.mode === undefined ? kept : change.mode & 0o7777, uid, gid };
    this.save();
  }

  /** Somebody made it, or took it away. */
  async moved(from: string, to: string | undefined): Promise<void> {
    const [source, target] = [
      await this.resolved(from, false),
      to === undefined ? undefined : await this.resolved(to, false),
    ];
    for (const [path, owned] of Object.entries(this.owned)) {
      if (path !== source && !path.startsWith(`${source}/`)) continue;
      Reflect.deleteProperty(this.owned, path);
      if (target !== undefined) this.owned[target + path.slice(source.length)] = owned;
    }
    this.save();
  }

  /** @throws FileProblem where the user may not; root may all. */
  async demand(user: LabUser, path: string, right: Right): Promise<void> {
    if (user.uid === 0) return;
    const { mode, uid, gid } = await this.status(path, true);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    if (((mode >> shift) & right) !== right) throw new FileProblem("EACCES");
  }

  /** Whether the user may add to and take from the folder that holds `path`. @throws FileProblem */
  demandFolder(user: LabUser, path: string): Promise<void> {
    return this.demand(user, posix.dirname(posix.resolve("/", path)), 2);
  }

  private save(): void {
    const next = `${this.record}.tmp`;
    writeFileSync(next, JSON.stringify(this.owned), { mode: 0o600 });
    renameSync(next, this.record);
  }
}

function readOwned(path: string): Record<string, Owned> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, Owned>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
