/** A host of the lab for these tests, and ways to it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { done, failed, type CommandHandler } from "../../../lab/ssh/command";
import { fileCommands } from "../../../lab/ssh/fileCommands";
import { newKey } from "../../../lab/ssh/keys";
import { startHost, type HostOptions, type LabHost } from "../../../lab/ssh/server";
import { connectHost, type HostOptions as ConnectOptions } from "../../../providers/ssh/connectHost";
import type { Host } from "../../../providers/ssh/host";
import type { SshTarget } from "../../../providers/ssh/target";

/** What these tests send; `count` is how often it was run. */
export const counting = (): { readonly handler: CommandHandler; readonly runs: () => number } => {
  let count = 0;
  return {
    runs: () => count,
    handler: async ({ args: [program, ...args], user, stdin }) => {
      switch (program) {
        case "count":
          count += 1;
          return done(`${count}\n`);
        case "whoami":
          return done(`${user.name}\n`);
        case "cat":
          return args.length === 0 ? done(stdin) : undefined;
        case "show":
          return done(JSON.stringify(args));
        case "fail":
          return failed(args[1] ?? "it failed", Number(args[0] ?? 1));
        case "wait":
          await new Promise((resolve) => setTimeout(resolve, Number(args[0])));
          return done();
        default:
          return undefined;
      }
    },
  };
};

export interface Bench {
  readonly lab: LabHost;
  readonly folder: string;
  readonly runs: () => number;
  readonly target: SshTarget;
  /** A host that is closed at the end. */
  readonly connect: (change?: Partial<SshTarget>, options?: ConnectOptions) => Host;
  readonly close: () => Promise<void>;
}

const FAST: ConnectOptions = { firstDelayMs: 5 };

/** Users: `root`; `deploy`, who may sudo; `guest`, who may not. */
export async function openBench(options: Partial<HostOptions> = {}): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), "infinity-ssh-"));
  const key = newKey();
  const { handler, runs } = counting();
  const keys = [key.public];
  const lab = await startHost({
    root: folder,
    users: {
      root: { keys, uid: 0, gid: 0 },
      deploy: { keys, uid: 1000, gid: 1000, sudo: true },
      guest: { keys, uid: 1001, gid: 1001 },
    },
    commands: [handler, fileCommands({ deploy: 1000 })],
    ...options,
  });
  const target: SshTarget = {
    address: "127.0.0.1",
    port: lab.port,
    user: "root",
    auth: { kind: "key", text: key.private },
    hostKey: lab.hostKey,
    setting: "hypervisor.ssh",
  };
  const hosts: Host[] = [];
  return {
    ...{ lab, folder, runs, target },
    connect: (change, more) => {
      const host = connectHost({ ...target, ...change }, { ...FAST, ...more });
      hosts.push(host);
      return host;
    },
    close: async () => {
      await Promise.all(hosts.map((host) => host.close()));
      await lab.close();
      rmSync(folder, { recursive: true, force: true });
      rmSync(`${folder}.owners.json`, { force: true });
    },
  };
}
