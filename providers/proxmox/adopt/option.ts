/**
 * Adoption is an option of one run, not a mark in the house: `infinity adopt` hands it to the provider process in its
 * environment. Such a run writes nothing to Proxmox, whatever it is asked. Pure.
 */
import type { ProxmoxClient } from "../client";

/**
 * - `matching`: what differs from the house is refused.
 * - `differing`: it is taken over as it is; a later `up` changes it.
 */
export type Adoption = "matching" | "differing";

export const ADOPTION_VARIABLE = "INFINITY_ADOPT";

/** @throws Error where the variable holds neither of the two. */
export function adoptionFrom(env: NodeJS.ProcessEnv): Adoption | undefined {
  const value = env[ADOPTION_VARIABLE];
  if (value === undefined || value === "") return undefined;
  if (value === "matching" || value === "differing") return value;
  throw new Error(`${ADOPTION_VARIABLE}: ${value}: it is matching or differing - leave it to infinity adopt`);
}

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
