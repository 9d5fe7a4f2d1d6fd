/** The SSH server of the lab's Proxmox node: root logs in with one key, and has `qm set` and the node's files. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabProxmox } from "../proxmox/server";
import { fileCommands } from "./fileCommands";
import { newKey, publicLine } from "./keys";
import { qm } from "./qm";
import { startHost, type LabHost } from "./server";

export interface NodeHostOptions {
  /** @default a free one */
  readonly port?: number;
  /** Private key of the node. @default a new one */
  readonly hostKey?: string;
  /** Private key of who may log in as root. @default a new one */
  readonly clientKey?: string;
  /** Folder of the node's files, made where it is missing. @default a temporary one */
  readonly root?: string;
}

export interface NodeHost extends LabHost {
  /** Private key that root logs in with. */
  readonly clientKey: string;
}

/** @throws where the port is taken */
export async function startNodeHost(proxmox: LabProxmox, options: NodeHostOptions = {}): Promise<NodeHost> {
  const { clientKey = newKey().private } = options;
  const root = options.root ?? mkdtempSync(join(tmpdir(), "infinity-node-"));
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const host = await startHost({
    ...{ root, port: options.port, hostKey: options.hostKey },
    users: { root: { keys: [publicLine(clientKey)], uid: 0, gid: 0 } },
    commands: [qm(proxmox.world.node.name, proxmox.asRoot), fileCommands()],
  });
  const end = host.close;
  return Object.assign(host, {
    clientKey,
    close: async () => {
      await end();
      if (options.root === undefined)
        for (const path of [root, `${root}.owners.json`]) rmSync(path, { recursive: true, force: true });
    },
  });
}
