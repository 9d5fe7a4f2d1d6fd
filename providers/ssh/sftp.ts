/** File operations over SFTP, as promises. One session a connection, opened at its first use. Reads and writes remote files. */
import type { Attributes, FileEntryWithStats, InputAttributes, SFTPWrapper } from "ssh2";
import type { Link } from "./link";

/** Of the protocol (draft-ietf-secsh-filexfer-02, 7). */
export const SFTP_STATUS = {
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  noConnection: 6,
  connectionLost: 7,
  unsupported: 8,
};

/** The server's answer to a file operation, or the connection's end under it. */
export class SftpFailure extends Error {
  constructor(
    /** See {@link SFTP_STATUS}. */
    readonly status: number,
    text: string,
  ) {
    super(text);
  }

  get dropped(): boolean {
    return this.status === SFTP_STATUS.noConnection || this.status === SFTP_STATUS.connectionLost;
  }
}

export interface Sftp {
  open(path: string, flags: "r" | "wx", attributes?: InputAttributes): Promise<Buffer>;
  /** @throws SftpFailure where there are more bytes than `limit`. */
  readAll(handle: Buffer, limit: number): Promise<Buffer>;
  writeAll(handle: Buffer, content: Buffer): Promise<void>;
  setstat(handle: Buffer, attributes: InputAttributes): Promise<void>;
  /** Where the server can; elsewhere nothing. */
  fsync(handle: Buffer): Promise<void>;
  close(handle: Buffer): Promise<void>;
  /** Takes the place of what is there. */
  rename(from: string, to: string): Promise<void>;
  lstat(path: string): Promise<Attributes>;
  setstatPath(path: string, attributes: InputAttributes): Promise<void>;
  readdir(path: string): Promise<FileEntryWithStats[]>;
  mkdir(path: string, attributes: InputAttributes): Promise<void>;
  unlink(path: string): Promise<void>;
}

/** Bytes a request: what every server takes (draft, 3). */
const BLOCK = 32 * 1024;
const AT_ONCE = 16;

const sessions = new WeakMap<Link, Promise<Sftp>>();

/** The session of this connection. @throws SftpFailure */
export function sftpOf(link: Link): Promise<Sftp> {
  const known = sessions.get(link);
  if (known !== undefined) return known;
  const opened = ask<SFTPWrapper>((done) => {
    link.client.sftp(done);
  }).then(wrap);
  sessions.set(link, opened);
  opened.catch(() => sessions.delete(link));
  return opened;
}

type Done<T> = (error: Error | undefined | null, value: T) => void;

function ask<T>(send: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const done: Done<T> = (error, value) => {
      if (error) reject(failureOf(error));
      else resolve(value);
    };
    try {
      send(done);
    } catch (error) {
      // The client throws where the connection is gone already, and where the server lacks an extension.
      reject(failureOf(error as Error));
    }
  });
}

function failureOf(error: Error & { code?: unknown }): SftpFailure {
  const { code, message } = error;
  if (typeof code === "number") return new SftpFailure(code, message);
  if (message.includes("does not support")) return new SftpFailure(SFTP_STATUS.unsupported, message);
  return new SftpFailure(SFTP_STATUS.connectionLost, message);
}

function wrap(sftp: SFTPWrapper): Sftp {
  const tell = async (send: (done: (error?: Error | null) => void) => void): Promise<void> => {
    await ask<undefined>((done) => {
      send((error) => {
        done(error, undefined);
      });
    });
  };
  return {
    open: (path, flags, attributes) =>
      ask((done) => {
        if (attributes === undefined) sftp.open(path, flags, done);
        else sftp.open(path, flags, attributes, done);
      }),
    readAll: async (handle, limit) => {
      const parts: Buffer[] = [];
      let size = 0;
      for (;;) {
        const part = await readBlock(sftp, handle, size);
        if (part.length === 0) return Buffer.concat(parts);
        parts.push(part);
        size += part.length;
        if (size > limit) throw new SftpFailure(SFTP_STATUS.failure, `it has more than ${limit} bytes`);
      }
    },
    writeAll: async (handle, content) => {
      const offsets = Array.from({ length: Math.ceil(content.length / BLOCK) }, (_, index) => index * BLOCK);
      while (offsets.length > 0) {
        const batch = offsets.splice(0, AT_ONCE);
        const write = (at: number): Promise<void> =>
          tell((done) => {
            sftp.write(handle, content, at, Math.min(BLOCK, content.length - at), at, done);
          });
        await Promise.all(batch.map(write));
      }
    },
    setstat: (handle, attributes) =>
      tell((done) => {
        sftp.fsetstat(handle, attributes, done);
      }),
    fsync: (handle) =>
      tell((done) => {
        sftp.ext_openssh_fsync(handle, done);
      }).catch((error: unknown) => {
        if (!(error instanceof SftpFailure && error.status === SFTP_STATUS.unsupported)) throw error;
      }),
    close: (handle) =>
      tell((done) => {
        sftp.close(handle, done);
      }),
    rename: (from, to) =>
      tell((done) => {
        sftp.ext_openssh_rename(from, to, done);
      }),
    lstat: (path) =>
      ask((done) => {
        sftp.lstat(path, done);
      }),
    setstatPath: (path, attributes) =>
      tell((done) => {
        sftp.setstat(path, attributes, done);
      }),
    readdir: (path) =>
      ask((done) => {
        sftp.readdir(path, done);
      }),
    mkdir: (path, attributes) =>
      tell((done) => {
        sftp.mkdir(path, attributes, done);
      }),
    unlink: (path) =>
      tell((done) => {
        sftp.unlink(path, done);
      }),
  };
}

/** Empty at the end of the file. */
function readBlock(sftp: SFTPWrapper, handle: Buffer, at: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const block = Buffer.alloc(BLOCK);
    sftp.read(handle, block, 0, BLOCK, at, (error: (Error & { code?: unknown }) | undefined, count: number) => {
      if (!error) resolve(block.subarray(0, count));
      // Status 1: end of file.
      else if (error.code === 1) resolve(Buffer.alloc(0));
      else reject(failureOf(error));
    });
  });
}
