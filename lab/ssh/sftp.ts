/**
 * SFTP version 3 as OpenSSH's server speaks it, with its posix-rename and fsync, on a host's files. Touches the host's
 * folder only.
 */
import * as fs from "node:fs/promises";
import { posix } from "node:path";
import { utils, type Attributes, type SFTPWrapper } from "ssh2";
import { FileProblem, problemOf, type LabFiles, type LabUser } from "./files";
import { announce, flagsOf, texts } from "./sftpWire";

const { STATUS_CODE } = utils.sftp;

export interface SftpSession {
  readonly files: LabFiles;
  readonly user: LabUser;
  /**
   * Around each request: recorded, and hit by the faults that wait for it.
   * @param operation `RENAME /etc/.motd.infinity-1a2b3c4d /etc/motd`
   */
  readonly perform: (operation: string, act: () => Promise<void>) => Promise<void>;
}

interface Open {
  readonly path: string;
  readonly file?: fs.FileHandle;
  /** Of a folder: names that were not given yet. */
  names?: string[];
}

const BY_CODE: Readonly<Record<FileProblem["code"], number>> = {
  ENOENT: STATUS_CODE.NO_SUCH_FILE,
  ENOTDIR: STATUS_CODE.NO_SUCH_FILE,
  ELOOP: STATUS_CODE.NO_SUCH_FILE,
  EACCES: STATUS_CODE.PERMISSION_DENIED,
  EEXIST: STATUS_CODE.FAILURE,
  EISDIR: STATUS_CODE.FAILURE,
  ENOTEMPTY: STATUS_CODE.FAILURE,
  EINVAL: STATUS_CODE.FAILURE,
};

export function serveSftp(sftp: SFTPWrapper, { files, user, perform }: SftpSession): void {
  announce(sftp);
  const handles = new Map<number, Open>();
  let last = 0;
  const give = (id: number, open: Open): void => {
    last += 1;
    handles.set(last, open);
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(last);
    sftp.handle(id, handle);
  };
  const held = (handle: Buffer): Open =>
    (handle.length === 4 ? handles.get(handle.readUInt32BE(0)) : undefined) ?? wrong("EINVAL");
  const fileOf = (handle: Buffer): fs.FileHandle => held(handle).file ?? wrong("EISDIR");
  const answer = (id: number, operation: string, act: () => Promise<void>): void => {
    perform(operation, act).catch((error: unknown) => {
      const problem = problemOf(error);
      sftp.status(id, BY_CODE[problem.code], problem.text);
    });
  };
  const ok = (id: number): void => {
    sftp.status(id, STATUS_CODE.OK);
  };
  const rename = async (from: string, to: string): Promise<void> => {
    await files.demandFolder(user, from);
    await files.demandFolder(user, to);
    await fs.rename(await files.real(from, false), await files.real(to, false));
    await files.moved(to, undefined);
    await files.moved(from, to);
  };
  const own = async (path: string, { mode, uid, gid }: Partial<Attributes>): Promise<void> => {
    const { uid: owner } = await files.status(path, true);
    const chown = uid !== undefined && uid !== owner;
    if (user.uid !== 0 && (chown || owner !== user.uid)) wrong("EACCES");
    await files.own(path, { mode, uid, gid });
  };

  sftp.on("OPEN", (id, path, mode, attributes) => {
    answer(id, `OPEN ${path}`, async () => {
      const flags = flagsOf(mode);
      const there = await files.status(path, true).catch(() => undefined);
      if (there === undefined && flags !== "r" && flags !== "r+") await files.demandFolder(user, path);
      else await files.demand(user, path, flags === "r" ? 4 : 2);
      const file = await fs.open(await files.real(path, true), flags);
      if (there === undefined) await files.own(path, { mode: attributes.mode || 0o644, uid: user.uid, gid: user.gid });
      give(id, { path, file });
    });
  });
  sftp.on("READ", (id, handle, offset, length) => {
    answer(id, `READ ${handles.get(handle.readUInt32BE(0))?.path ?? ""}`, async () => {
      const { bytesRead, buffer } = await fileOf(handle).read(
        Buffer.alloc(Math.min(length, 256 * 1024)),
        0,
        null,
        offset,
      );
      if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, buffer.subarray(0, bytesRead));
    });
  });
  sftp.on("WRITE", (id, handle, offset, data) => {
    answer(id, `WRITE ${handles.get(handle.readUInt32BE(0))?.path ?? ""}`, async () => {
      await fileOf(handle).write(data, 0, data.length, offset);
      ok(id);
    });
  });
  sftp.on("FSTAT", (id, handle) => {
    answer(id, "FSTAT", async () => {
      sftp.attrs(id, await files.status(held(handle).path, true));
    });
  });
  sftp.on("FSETSTAT", (id, handle, attributes) => {
    answer(id, `FSETSTAT ${held(handle).path}`, async () => {
      await own(held(handle).path, attributes);
      ok(id);
    });
  });
  sftp.on("CLOSE", (id, handle) => {
    answer(id, "CLOSE", async () => {
      const { file } = held(handle);
      handles.delete(handle.readUInt32BE(0));
      await file?.close();
      ok(id);
    });
  });
  sftp.on("OPENDIR", (id, path) => {
    answer(id, `OPENDIR ${path}`, async () => {
      await files.demand(user, path, 4);
      give(id, { path, names: await fs.readdir(await files.real(path, true)) });
    });
  });
  sftp.on("READDIR", (id, handle) => {
    answer(id, `READDIR ${held(handle).path}`, async () => {
      const open = held(handle);
      const names = open.names?.splice(0, 100) ?? [];
      if (names.length === 0) {
        sftp.status(id, STATUS_CODE.EOF);
        return;
      }
      const entry = async (filename: string) => {
        const attrs = await files.status(posix.join(open.path, filename), false);
        return { filename, longname: filename, attrs };
      };
      sftp.name(id, await Promise.all(names.map(entry)));
    });
  });
  for (const [event, follow] of [
    ["LSTAT", false],
    ["STAT", true],
  ] as const)
    sftp.on(event as "STAT", (id, path) => {
      answer(id, `${event} ${path}`, async () => {
        sftp.attrs(id, await files.status(path, follow));
      });
    });
  sftp.on("SETSTAT", (id, path, attributes) => {
    answer(id, `SETSTAT ${path}`, async () => {
      await own(path, attributes);
      ok(id);
    });
  });
  sftp.on("MKDIR", (id, path, attributes) => {
    answer(id, `MKDIR ${path}`, async () => {
      await files.demandFolder(user, path);
      await fs.mkdir(await files.real(path, false));
      await files.own(path, { mode: attributes.mode || 0o755, uid: user.uid, gid: user.gid });
      ok(id);
    });
  });
  for (const [event, remove] of [
    ["REMOVE", fs.unlink],
    ["RMDIR", fs.rmdir],
  ] as const)
    sftp.on(event as "REMOVE", (id, path) => {
      answer(id, `${event} ${path}`, async () => {
        await files.demandFolder(user, path);
        await remove(await files.real(path, false));
        await files.moved(path, undefined);
        ok(id);
      });
    });
  sftp.on("RENAME", (id, from, to) => {
    answer(id, `RENAME ${from} ${to}`, async () => {
      // Version 3 knows no replacing.
      if (await files.status(to, false).catch(() => undefined)) wrong("EEXIST");
      await rename(from, to);
      ok(id);
    });
  });
  sftp.on("REALPATH", (id, path) => {
    answer(id, `REALPATH ${path}`, async () => {
      const filename = await files.resolved(path, true);
      sftp.name(id, [{ filename, longname: filename, attrs: NOTHING }]);
    });
  });
  sftp.on("READLINK", (id, path) => {
    answer(id, `READLINK ${path}`, async () => {
      const filename = await fs.readlink(await files.real(path, false));
      sftp.name(id, [{ filename, longname: filename, attrs: NOTHING }]);
    });
  });
  sftp.on("EXTENDED", (id, name, data) => {
    const [from = "", to = ""] = name === "posix-rename@openssh.com" ? texts(data) : [];
    if (name === "posix-rename@openssh.com")
      answer(id, `RENAME ${from} ${to}`, async () => {
        await rename(from, to);
        ok(id);
      });
    else if (name === "fsync@openssh.com")
      answer(id, "FSYNC", async () => {
        await fileOf(data.subarray(4)).sync();
        ok(id);
      });
    else sftp.status(id, STATUS_CODE.OP_UNSUPPORTED);
  });
  sftp.on("close", () => {
    for (const { file } of handles.values()) void file?.close().catch(() => undefined);
    handles.clear();
  });
}

const NOTHING: Attributes = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };

function wrong(code: FileProblem["code"]): never {
  throw new FileProblem(code);
}
