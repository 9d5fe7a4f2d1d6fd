/** A lab's Proxmox for one test, and a client of it with the token or the login of the seed. */
import { connect } from "../../../providers/proxmox/connect";
import { connectionFrom } from "../../../providers/proxmox/connection";
import type { ProxmoxClient } from "../../../providers/proxmox/client";
import { selfSigned, type Certificate } from "../../../lab/proxmox/certificate";
import { houseNode, LAB_PASSWORD, LAB_TOKEN } from "../../../lab/proxmox/seeds";
import { startProxmox, type LabProxmox, type ProxmoxOptions } from "../../../lab/proxmox/server";

export interface Lab {
  readonly proxmox: LabProxmox;
  /** root@pam's own login. */
  readonly client: ProxmoxClient;
  /** Environment of a provider process: `token` for the API token, `login` for root@pam. */
  env(as: "token" | "login"): NodeJS.ProcessEnv;
  /** Another client, as another process would have. */
  anotherClient(as?: "token" | "login"): ProxmoxClient;
  /** Calls since the last look at them that changed something, by kind; tasks' polling and logins aside. */
  writes(): Readonly<Record<string, number>>;
  /** All calls since the last look at them, by kind; tasks' polling and logins aside. */
  calls(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

let certificate: Promise<Certificate> | undefined;

const BESIDES = /\/tasks\/|\/access\/ticket/;

export async function startLab(options: ProxmoxOptions = {}): Promise<Lab> {
  // Making a key takes longer than a test; one serves them all.
  certificate ??= selfSigned();
  const proxmox = await startProxmox({ initial: houseNode(), certificate: await certificate, ...options });
  const env = (as: "token" | "login"): NodeJS.ProcessEnv => {
    const login =
      as === "token" ? { apiToken: `root@pam!lab=${LAB_TOKEN}` } : { user: "root@pam", password: LAB_PASSWORD };
    const hypervisor = {
      node: "infinity-node",
      endpoint: proxmox.url,
      tls: { fingerprint: proxmox.fingerprint },
      ...login,
    };
    return { PULUMI_CONFIG: JSON.stringify({ hypervisor: JSON.stringify(hypervisor) }) };
  };
  const clients: ProxmoxClient[] = [];
  const anotherClient = (as: "token" | "login" = "login"): ProxmoxClient => {
    const client = connect(connectionFrom(env(as)), { task: { firstPollMs: 5, maxPollMs: 50 } });
    clients.push(client);
    return client;
  };
  const calls = (): Record<string, number> => {
    const kinds = Object.entries(proxmox.calls.counts).filter(([kind]) => !BESIDES.test(kind));
    proxmox.calls.reset();
    return Object.fromEntries(kinds);
  };
  return {
    proxmox,
    client: anotherClient(),
    env,
    anotherClient,
    calls,
    writes: () => Object.fromEntries(Object.entries(calls()).filter(([kind]) => !kind.startsWith("GET "))),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await proxmox.close();
    },
  };
}
