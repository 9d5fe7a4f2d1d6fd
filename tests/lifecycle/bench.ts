/** A lab for one case: from a world as it was left, with clients that give up quickly. */
import { connect, type ClientOptions } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import { selfSigned, type Certificate } from "../../lab/proxmox/certificate";
import type { Clock } from "../../lab/proxmox/clock";
import { houseNode, LAB_PASSWORD } from "../../lab/proxmox/seeds";
import { startProxmox, type LabProxmox } from "../../lab/proxmox/server";
import type { World } from "../../lab/proxmox/world";

export interface Bench {
  readonly proxmox: LabProxmox;
  /** A client as the next run's process has: it remembers nothing of the one before. */
  client(): ProxmoxClient;
  close(): Promise<void>;
}

const open = new Set<Bench>();

/** For `afterEach`: a test that failed in the middle leaves nothing that listens. */
export async function closeBenches(): Promise<void> {
  await Promise.all([...open].map((bench) => bench.close()));
}

const QUICK: ClientOptions = {
  task: { firstPollMs: 2, maxPollMs: 10, timeoutMs: 150 },
  retry: { firstDelayMs: 1 },
};

let certificate: Promise<Certificate> | undefined;
export const theCertificate = (): Promise<Certificate> => (certificate ??= selfSigned());

export async function openBench(
  initial: World = houseNode(),
  { clock, options = QUICK }: { readonly clock?: Clock; readonly options?: ClientOptions } = {},
): Promise<Bench> {
  const proxmox = await startProxmox({
    initial: structuredClone(initial),
    certificate: await theCertificate(),
    taskMs: 0,
    lockTimeoutMs: 40,
    clock,
  });
  const hypervisor = {
    endpoint: proxmox.url,
    tls: { fingerprint: proxmox.fingerprint },
    user: "root@pam",
    password: LAB_PASSWORD,
  };
  const connection = connectionFrom({ PULUMI_CONFIG: JSON.stringify({ hypervisor: JSON.stringify(hypervisor) }) });
  const clients: ProxmoxClient[] = [];
  const bench: Bench = {
    proxmox,
    client: () => {
      const client = connect(connection, options);
      clients.push(client);
      return client;
    },
    close: async () => {
      open.delete(bench);
      await Promise.all(clients.map((client) => client.close()));
      await proxmox.close();
    },
  };
  open.add(bench);
  return bench;
}
