/** What a house has inside a VM, as resources on a guest that is really there: over SSH, by the provider's own code. */
import { connectHost } from "../../providers/ssh/connectHost";
import type { Host } from "../../providers/ssh/host";
import type { SshTarget } from "../../providers/ssh/target";
import { dockerEngineKind } from "../../providers/guest/kinds/dockerEngine";
import { fileKind } from "../../providers/guest/kinds/file";
import { nfsMountKind } from "../../providers/guest/kinds/nfsMount";
import { packagesKind } from "../../providers/guest/kinds/packages";
import { sshServerKind } from "../../providers/guest/kinds/sshServer";
import { upgradesKind } from "../../providers/guest/kinds/upgrades";
import { userKind } from "../../providers/guest/kinds/user";
import type { OnGuest } from "../../providers/guest/guest";
import { freshLogin } from "../../providers/guest/session";
import { ownKeys } from "../../providers/ssh/ownKeys";
import type { Kind } from "../../providers/guest/kind";
import { resourceOf } from "../providers/guest/guest";

/** A resource whose inputs are settled: nobody outside needs their type. */
export interface Piece {
  readonly name: string;
  create(): Promise<void>;
  /** What a refresh shows against what is recorded. */
  read(): Promise<{ readonly live: unknown; readonly recorded: unknown }>;
  update(): Promise<void>;
}

export interface RealGuest {
  readonly pieces: readonly Piece[];
  /** What was sent since the last call, without looks. */
  changes(): string[];
  close(): Promise<void>;
}

/** Sees everything that could change the guest. */
function overheard(host: Host, sent: string[]): Host {
  return {
    ...host,
    name: host.name,
    run: (args, options) => {
      if (options?.reads !== true) sent.push(args.join(" "));
      return host.run(args, options);
    },
    writeFile: (path, content, options) => {
      sent.push(`write ${path}`);
      return host.writeFile(path, content, options);
    },
    makeDirectory: (path, options) => {
      sent.push(`directory ${path}`);
      return host.makeDirectory(path, options);
    },
    readFile: (...args) => host.readFile(...args),
    hostKey: () => host.hostKey(),
    close: () => host.close(),
  };
}

/** @param keys who `user` lets in: the key that the target has among them */
export function realGuest(target: SshTarget, keys: readonly string[], nas: string): RealGuest {
  const sent: string[] = [];
  const host = overheard(connectHost(target), sent);
  const { address, port, user } = target;
  const on = {
    ref: { name: "emby", address, port, user },
    surroundings: {
      session: () => ({ host, login: () => freshLogin(target), keys: () => ownKeys(target) }),
      adoption: () => undefined,
    },
  };
  function piece<Inputs extends OnGuest, Seen>(kind: Kind<Inputs, Seen>, spec: Omit<Inputs, "host">): Piece {
    const resource = resourceOf(on, kind);
    const recorded = resource.checked(spec);
    return {
      name: kind.noun,
      create: async () => {
        await resource.create(spec);
      },
      read: async () => ({ live: await resource.read(recorded), recorded }),
      update: async () => {
        await resource.update(recorded, spec);
      },
    };
  }
  const installed = ["docker.io", "nfs-common", "sudo", "unattended-upgrades"];
  return {
    pieces: [
      piece(packagesKind, { set: "house", names: installed }),
      piece(userKind, { name: user, sudo: "passwordless", authorizedKeys: keys }),
      piece(userKind, { name: "inspector", groups: ["docker"], sudo: "none", authorizedKeys: keys }),
      piece(fileKind, { path: "/etc/motd", content: "hello\n", mode: "0640" }),
      piece(sshServerKind, {}),
      piece(upgradesKind, { reboot: "04:30" }),
      piece(dockerEngineKind, {}),
      piece(nfsMountKind, { target: "/mnt/my-nas", source: nas, version: "4.2" }),
    ],
    changes: () => sent.splice(0),
    close: () => host.close(),
  };
}
