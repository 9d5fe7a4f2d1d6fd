/** One host over SSH: a connection that is opened when it is needed, commands and files put together. */
import { runCommand, type Shell } from "./commands";
import { list, makeDirectory, readFile, removeFile, stat, writeFile } from "./files";
import type { Host } from "./host";
import { Links, type LinksOptions } from "./links";
import { targetName, type SshTarget } from "./target";
import { Turns } from "./turns";

export interface HostOptions extends LinksOptions {
  /** Commands at once; a host that allows fewer gets fewer. @default 6 */
  readonly channels?: number;
  /** Asked before everything that may change something; throws where this run must not. */
  readonly before?: (host: string, command: string) => Promise<void>;
  /** Connection of the jump host, where it is shared. @default one of its own */
  readonly jump?: Links;
}

/** Opens nothing yet: the first call does. A connection that is idle doesn't keep the process, and ends by itself. */
export function connectHost(target: SshTarget, options: HostOptions = {}): Host {
  const name = targetName(target);
  const jump = options.jump ?? linksTo(target.jump, options);
  const links = new Links(target, jump, options);
  const shell: Shell = {
    target,
    links,
    turns: new Turns(options.channels ?? 6),
    before: (command) => options.before?.(name, command) ?? Promise.resolve(),
    firstDelayMs: options.firstDelayMs,
  };
  return {
    name,
    run: async (args, runOptions) => {
      const { exitCode, stdout, stderr } = await runCommand(shell, args, runOptions);
      return { exitCode, stdout: stdout.toString("utf8"), stderr: stderr.toString("utf8") };
    },
    readFile: (path, fileOptions = {}) => readFile(shell, path, fileOptions),
    writeFile: (path, content, writeOptions = {}) => writeFile(shell, path, Buffer.from(content), writeOptions),
    stat: (path, fileOptions = {}) => stat(shell, path, fileOptions),
    list: (path, fileOptions = {}) => list(shell, path, fileOptions),
    makeDirectory: (path, writeOptions = {}) => makeDirectory(shell, path, writeOptions),
    removeFile: (path, fileOptions = {}) => removeFile(shell, path, fileOptions),
    hostKey: () => links.hostKey(),
    close: async () => {
      await links.end();
      // A shared one is its owner's to end.
      if (options.jump === undefined) await jump?.end();
    },
  };
}

/** The connection to a target, by way of its own jump host where it has one. */
export function linksTo(target: SshTarget | undefined, options: LinksOptions): Links | undefined {
  return target && new Links(target, linksTo(target.jump, options), options);
}
