/** What a simulated host is told to run, and what it answers. Types, and the answers that every table shares. */
import type { LabFiles, LabUser } from "./files";

export interface HostCommand {
  /** Program and arguments, without `sudo`. */
  readonly args: readonly string[];
  /** Who runs it: root, under `sudo`. */
  readonly user: LabUser & { readonly name: string };
  readonly stdin: Buffer;
  readonly files: LabFiles;
}

export interface CommandAnswer {
  readonly exitCode: number;
  readonly stdout?: string | Buffer;
  readonly stderr?: string;
}

/** One kind of command. `undefined`: it is another one's. */
export type CommandHandler = (command: HostCommand) => CommandAnswer | undefined | Promise<CommandAnswer | undefined>;

export const done = (stdout: string | Buffer = ""): CommandAnswer => ({ exitCode: 0, stdout });

export const failed = (stderr: string, exitCode = 1): CommandAnswer => ({ exitCode, stderr: `${stderr}\n` });
