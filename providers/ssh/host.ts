/**
 * What resources ask of a host over SSH: commands as argument lists, files written as a whole, one typed error
 * ({@link SshError}). Types only; `hostFor` gives the one of a process, `connectHost` one of its own.
 */

export interface RunOptions {
  /** Given to the command's stdin, which then ends. Where contents and secrets go: never in an argument. */
  readonly stdin?: string | Buffer;
  /** Run as root: by `sudo -n` where the user isn't root. @default false */
  readonly sudo?: boolean;
  /**
   * The command only looks. It is then repeated where the connection drops under it, and allowed in a run that must not
   * change anything. @default false
   */
  readonly reads?: boolean;
  /** Exit codes that are answers; any other is an error. @default [0] */
  readonly accept?: readonly number[];
  /** Milliseconds; after it nobody waits for the command, which may still be at it. @default 60 000 for a look, else 300 000 */
  readonly timeoutMs?: number;
  /** Texts that errors show as `[secret]`. */
  readonly mask?: readonly string[];
}

export interface Finished {
  readonly exitCode: number;
  /** UTF-8; 16 MiB at most. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface FileOptions {
  /** Act as root: by commands under `sudo -n` where the user isn't root. @default false */
  readonly sudo?: boolean;
}

export interface WriteOptions extends FileOptions {
  /** Permission bits: `0o600`. Set before the first byte is there to be read. @default 0o644 */
  readonly mode?: number;
  /** `root:root`, `1000:1000`. Set before the file takes its place. @default who writes it */
  readonly owner?: string;
}

export interface FileStatus {
  readonly kind: "file" | "directory" | "link" | "other";
  /** Bytes. */
  readonly size: number;
  /** Permission bits, set-id and sticky included: `0o644`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Unix seconds. */
  readonly modified: number;
}

export interface Host {
  /** `root@192.168.86.106`, for messages. */
  readonly name: string;
  /** @param args program and arguments, passed on exactly as they are. @throws SshError */
  run(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** `undefined` where there is no such file. 16 MiB at most. @throws SshError */
  readFile(path: string, options?: FileOptions): Promise<Buffer | undefined>;
  /**
   * The whole file, or the former one: written beside, mode and owner set, synced, renamed. Its folder has to be there.
   * A link in its place is replaced, not followed.
   * @throws SshError
   */
  writeFile(path: string, content: string | Buffer, options?: WriteOptions): Promise<void>;
  /** Of a link, the link's own. `undefined` where there is nothing. @throws SshError */
  stat(path: string, options?: FileOptions): Promise<FileStatus | undefined>;
  /** Names in a folder, sorted; `undefined` where there is no such folder. @throws SshError */
  list(path: string, options?: FileOptions): Promise<readonly string[] | undefined>;
  /** The folder, with those above it; mode and owner are set on it also where it is there already. @throws SshError */
  makeDirectory(path: string, options?: WriteOptions): Promise<void>;
  /** A file or link; nothing happens where there is none. @throws SshError */
  removeFile(path: string, options?: FileOptions): Promise<void>;
  /** `SHA256:...` of the host as it answers, connecting where it hasn't. To be kept where none was pinned. */
  hostKey(): Promise<string>;
  /** Ends the connection. The next call opens another one. */
  close(): Promise<void>;
}
