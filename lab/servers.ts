/** All servers of a lab in one process: its Proxmox, its clouds and its guests. Touches their ports and state files. */
import { startClouds, type CloudsOptions, type LabClouds } from "./clouds/server";
import type { LabRecord } from "./folder";
import { startGuests, type GuestOfVm, type LabGuests } from "./guest/guests";
import { startProxmox, type LabProxmox, type ProxmoxOptions } from "./proxmox/server";
import { startNodeHost, type NodeHost, type NodeHostOptions } from "./ssh/node";

/** Where they are reached. */
export type Serving = Pick<LabRecord, "url" | "fingerprint" | "clouds" | "ssh" | "inside">;

export interface LabServers {
  readonly proxmox: LabProxmox;
  readonly clouds: LabClouds;
  readonly inside?: LabGuests;
  /** The node's SSH. */
  readonly node: NodeHost;
  readonly serving: Serving;
  close(): Promise<void>;
}

export interface ServersOptions {
  /** A port that somebody has gives way to any free one. */
  readonly proxmox?: ProxmoxOptions;
  readonly clouds?: CloudsOptions;
  /** VMs that somebody looks into, and the folder of what is in them. */
  readonly inside?: { readonly dir: string; readonly of: readonly GuestOfVm[]; readonly latencyMs?: number };
  readonly node?: NodeHostOptions;
}

async function onPort<T>(port: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port ?? 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return start(0);
  }
}

export async function startServers(options: ServersOptions = {}): Promise<LabServers> {
  const proxmox = await onPort(options.proxmox?.port, (port) => startProxmox({ ...options.proxmox, port }));
  const clouds = await onPort(options.clouds?.port, (port) => startClouds({ ...options.clouds, port }));
  const inside =
    options.inside &&
    (await startGuests({
      dir: options.inside.dir,
      guests: options.inside.of,
      latencyMs: options.inside.latencyMs,
      isRunning: (vmid) => proxmox.world.vms[vmid]?.running !== undefined,
    }));
  const node = await onPort(options.node?.port, (port) => startNodeHost(proxmox, { ...options.node, port }));
  const ssh = { port: node.port, hostKey: node.hostKey, key: node.clientKey };
  const { url, fingerprint } = proxmox;
  const { apiEndpoint, baseUrl } = clouds;
  return {
    proxmox,
    clouds,
    inside,
    node,
    serving: { url, fingerprint, clouds: { apiEndpoint, baseUrl }, ssh, inside: inside?.serving },
    close: async () => {
      await Promise.all([proxmox.close(), clouds.close(), node.close(), inside?.close()]);
    },
  };
}
