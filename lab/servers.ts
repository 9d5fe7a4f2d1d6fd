/** All servers of a lab in one process: its Proxmox and its clouds. Touches their ports and state files. */
import { startClouds, type CloudsOptions, type LabClouds } from "./clouds/server";
import type { LabRecord } from "./folder";
import { startProxmox, type LabProxmox, type ProxmoxOptions } from "./proxmox/server";

/** Where they are reached. */
export type Serving = Pick<LabRecord, "url" | "fingerprint" | "clouds">;

export interface LabServers {
  readonly proxmox: LabProxmox;
  readonly clouds: LabClouds;
  readonly serving: Serving;
  close(): Promise<void>;
}

export interface ServersOptions {
  /** A port that somebody has gives way to any free one. */
  readonly proxmox?: ProxmoxOptions;
  readonly clouds?: CloudsOptions;
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
  const { url, fingerprint } = proxmox;
  const { apiEndpoint, baseUrl } = clouds;
  return {
    proxmox,
    clouds,
    serving: { url, fingerprint, clouds: { apiEndpoint, baseUrl } },
    close: async () => {
      await Promise.all([proxmox.close(), clouds.close()]);
    },
  };
}
