/**
 * Adoption is an option of one run, not a mark in the house: `infinity adopt` hands it to the provider process in its
 * environment. Such a run changes nothing, neither in Proxmox nor on a host, whatever it is asked. Pure.
 */

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
