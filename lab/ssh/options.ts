/** What a host of the lab is made of, and what was asked of it. Types only. */
import type { CommandHandler } from "./command";
import type { HostFaults } from "./faults";
import type { LabFiles } from "./files";

export interface HostUser {
  /** Public keys, each as a line of `authorized_keys`. */
  readonly keys: readonly string[];
  readonly uid: number;
  readonly gid: number;
  /** Whether `sudo -n` works. */
  readonly sudo?: boolean;
}

export interface HostOptions {
  /** @default a free one */
  readonly port?: number;
  /** Private host key. @default a new one */
  readonly hostKey?: string;
  readonly users: Readonly<Record<string, HostUser>>;
  /** The host's `/`; has to be there. */
  readonly root: string;
  /** Asked one after another; the first answer counts. */
  readonly commands?: readonly CommandHandler[];
  /** Milliseconds of a round trip to it. @default 0 */
  readonly latencyMs?: number;
  /** Sessions at once on one connection, as sshd's MaxSessions. @default 10 */
  readonly maxSessions?: number;
  /** Whether it may be used to jump to other hosts. @default false */
  readonly forwards?: boolean;
}

/** One command or file operation. */
export interface Operation {
  readonly user: string;
  /** The command line, or `sftp RENAME /a /b`. */
  readonly text: string;
  /** When it arrived, milliseconds of this process's own clock. */
  readonly since: number;
  /** Left out while it runs, and where the connection was cut. */
  until?: number;
  /** Left out while it runs, where the connection was cut, and of file operations. */
  exitCode?: number;
  /** Whether no table knew it. */
  unknown?: true;
}

/** What all connections of one host share. */
export interface Serving extends HostOptions {
  readonly files: LabFiles;
  readonly operations: Operation[];
  readonly faults: HostFaults;
  /** How long it takes to say that it took a command up. */
  readonly answerMs: () => number;
}
