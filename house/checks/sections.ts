/** Sections that need one another have one another. Pure. */
import type { Problem } from "../../values/problem";
import { endpoint } from "../addresses";
import type { Draft } from "../schema";

function credentialProblems({ hypervisor }: Draft): Problem[] {
  if (!hypervisor) return [];
  const { apiToken, user, password } = hypervisor;
  if (apiToken && password) {
    const rule = "an API token and a password are two ways to log in";
    return [{ path: "hypervisor.apiToken", rule, fix: "take out one of the two" }];
  }
  if (!password || user !== undefined) return [];
  return [{ path: "hypervisor.user", rule: "whose password it is must be said", fix: "give the user: root@pam" }];
}

/** @param given names of the sections as people wrote them: one with a problem of its own is there all the same. */
export function sectionProblems(draft: Draft, given: ReadonlySet<string>): Problem[] {
  const { hypervisor, storages = {}, tunnel } = draft;
  const lost = hypervisor && endpoint(draft) === undefined && hypervisor.address === undefined;
  return [
    ...(lost
      ? [
          {
            path: "hypervisor.address",
            rule: "nobody knows where the node is",
            fix: "give its address, or hypervisor.endpoint",
          },
        ]
      : []),
    ...credentialProblems(draft),
    ...Object.entries(storages).flatMap(([id, storage]) =>
      storage.type !== "nfs" || given.has("nas") ? [] : missingSource(id, storage),
    ),
    ...(tunnel && !given.has("domain")
      ? [
          {
            path: "tunnel.endpoint",
            value: tunnel.endpoint,
            rule: "is a name below the house's domain, and the house has none",
            fix: "give domain, or leave the tunnel out",
          },
        ]
      : []),
  ];
}

function missingSource(id: string, storage: { server?: unknown; export?: unknown }): Problem[] {
  return (["server", "export"] as const)
    .filter((key) => storage[key] === undefined)
    .map((key) => ({
      path: `storages.${id}.${key}`,
      rule: "is missing, and there is no nas to take it from",
      fix: `give the ${key}, or the section nas`,
    }));
}
