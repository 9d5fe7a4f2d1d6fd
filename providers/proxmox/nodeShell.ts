/**
 * What only root@pam may set, set on the node itself: `qm set` over SSH, with the digest of what its plan was made from.
 * Opens an SSH connection at its first use.
 */
import { SshError } from "../ssh/error";
import type { Host } from "../ssh/host";
import { hostFor } from "../ssh/hostFor";
import type { SshTarget } from "../ssh/target";
import { isOuterLockTimeout } from "./classify";
import { ProxmoxError } from "./client";
import { connectionFrom } from "./connection";
import { repeating, type RetryOptions } from "./retry";
import { readSettings } from "./settings";

export interface RootChange {
  /** Where the VM is. */
  readonly node: string;
  readonly vmid: number;
  readonly set: Readonly<Record<string, string>>;
  readonly delete: readonly string[];
  /** Without one nothing is sent: another's change would be overwritten unseen. */
  readonly digest?: string;
}

export interface NodeShell {
  /** @throws ProxmoxError with Proxmox's own words, SshError where the node can't be reached. */
  set(change: RootChange): Promise<void>;
}

/** Plugging in and out waits for the guest. */
const SET_MS = 180_000;

/** @param node name of the host in Proxmox. */
export function nodeShell(host: Host, node: string | undefined, retry?: RetryOptions): NodeShell {
  return {
    set: async (change) => {
      if (node !== undefined && change.node !== node)
        throw new Error(
          `it is on node ${change.node}, and hypervisor.ssh leads to ${node} - migrate it back, or name that node`,
        );
      const path = `/nodes/${change.node}/qemu/${change.vmid}/config`;
      await repeating(
        async () => {
          await host.run(command(change), { sudo: true, timeoutMs: SET_MS }).catch((error: unknown) => {
            throw error instanceof SshError && error.kind === "exit" ? refused(host, path, error) : error;
          });
        },
        (error) => error instanceof ProxmoxError && error.noEffect === true,
        retry,
      );
    },
  };
}

function command({ vmid, set, delete: gone, digest }: RootChange): string[] {
  if (digest === undefined) throw new Error("Proxmox gave no digest of its configuration - nothing was sent");
  const values = Object.entries(set).flatMap(([key, value]) => [`--${key}`, value]);
  return [
    ...["qm", "set", String(vmid), ...values],
    ...(gone.length > 0 ? ["--delete", gone.join(",")] : []),
    ...["--digest", digest],
  ];
}

/** The program says what the API would say, and then how it is used. */
function refused(host: Host, path: string, error: SshError): ProxmoxError {
  const lines = (error.stderr ?? "").split("\n").filter((line) => line.trim() !== "" && !line.startsWith("qm set "));
  const text = lines.join(" ").trim() || error.text;
  const noEffect = error.noEffect || isOuterLockTimeout(text, path);
  return new ProxmoxError(
    { method: `${host.name}: qm set`, path, status: 500, text, ...(noEffect && { noEffect }) },
    { cause: error },
  );
}

/**
 * Where the node's SSH is, from today's configuration; `undefined` where the house has none.
 * @throws Error where the endpoint is not configured.
 */
export function nodeTargetFrom(env: NodeJS.ProcessEnv): { target: SshTarget; node?: string } | undefined {
  const { hypervisor } = readSettings(env).settings;
  const ssh = hypervisor?.ssh;
  if (ssh === undefined) return undefined;
  const { key, keyFile, passphrase } = ssh;
  const auth: SshTarget["auth"] =
    key !== undefined
      ? { kind: "key", text: key, passphrase }
      : keyFile !== undefined
        ? { kind: "keyFile", path: keyFile, passphrase }
        : { kind: "agent" };
  return {
    node: hypervisor?.node,
    target: {
      address: ssh.address ?? new URL(connectionFrom(env).endpoint).hostname.replace(/^\[|\]$/g, ""),
      port: ssh.port,
      user: ssh.user ?? "root",
      auth,
      hostKey: ssh.hostKey,
      setting: "hypervisor.ssh",
    },
  };
}

/** The shell of this process, where the house has one. Opens nothing yet. */
export function nodeShellFor(env: NodeJS.ProcessEnv): NodeShell | undefined {
  const found = nodeTargetFrom(env);
  return found && nodeShell(hostFor(found.target, env), found.node);
}
