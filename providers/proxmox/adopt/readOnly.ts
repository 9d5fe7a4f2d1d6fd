/** What a run that adopts has of Proxmox: ways to look. Pure. */
import type { ProxmoxClient } from "../client";

/** The same client without its ways to change something. Logging in is none of them. */
export function readOnly(client: ProxmoxClient): ProxmoxClient {
  const refuse =
    (method: string) =>
    (path: string): Promise<never> =>
      Promise.reject(
        new Error(`${method} ${path}: not sent, adopting writes nothing to Proxmox - run "pulumi up" to change it`),
      );
  return { ...client, post: refuse("POST"), put: refuse("PUT"), delete: refuse("DELETE") };
}
