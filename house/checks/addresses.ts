/** Every host stands in the network, and no address is given out twice. Pure. */
import { contains, parseNetwork } from "../../values/network";
import type { Problem } from "../../values/problem";
import { dotted } from "../addresses";
import type { Draft } from "../schema";

interface Place {
  readonly path: string;
  readonly address: number | string;
  /** Whether a dotted address of another network is no mistake here: it is reached through a router. */
  readonly routed?: boolean;
}

/** Where hosts of the house have their addresses: each host once. */
function hosts({ network, hypervisor, nas, vms }: Draft): Place[] {
  const place = (path: string, address: number | string | undefined, routed = false): Place[] =>
    address === undefined ? [] : [{ path, address, routed }];
  return [
    ...place("network.gateway", network?.gateway),
    // With an endpoint of its own the node may be anywhere.
    ...place("hypervisor.address", hypervisor?.address, hypervisor?.endpoint !== undefined),
    ...place("nas.address", nas?.address, true),
    ...Object.entries(vms ?? {}).flatMap(([name, vm]) => place(`vms.${name}.address`, vm.address)),
  ];
}

/** Where the address of a host is used, here or elsewhere. */
function mentions({ network, storages, vms }: Draft): Place[] {
  return [
    ...(network?.dns ?? []).map((address, index) => ({ path: `network.dns.${index}`, address, routed: true })),
    ...Object.entries(storages ?? {}).flatMap(([id, storage]) =>
      storage.type === "nfs" && storage.server !== undefined
        ? [{ path: `storages.${id}.server`, address: storage.server, routed: true }]
        : [],
    ),
    ...Object.entries(vms ?? {}).flatMap(([name, vm]) =>
      (vm.cloudInit?.nameservers ?? []).map((address, index) => ({
        path: `vms.${name}.cloudInit.nameservers.${index}`,
        address,
        routed: true,
      })),
    ),
  ];
}

function outside(draft: Draft, { path, address, routed }: Place): Problem[] {
  const value = String(address);
  const cidr = draft.network?.cidr;
  if (cidr === undefined) {
    if (typeof address === "string") return [];
    const rule = "a host's part counts in the house's network, and there is none";
    return [{ path, value, rule, fix: "give network.cidr, or write the whole address" }];
  }
  const network = parseNetwork(cidr);
  if (!network || (routed && typeof address === "string")) return [];
  const text = dotted(draft, address);
  if (text !== undefined && contains(network, text)) return [];
  const last = 2 ** (32 - network.prefix) - 2;
  return [{ path, value, rule: `is no host of ${cidr}`, fix: `take a host's part from 1 to ${last}` }];
}

function twice(draft: Draft, places: readonly Place[]): Problem[] {
  const first = new Map<string, string>();
  return places.flatMap(({ path, address }) => {
    const text = dotted(draft, address);
    if (text === undefined) return [];
    const taken = first.get(text);
    if (taken === undefined) {
      first.set(text, path);
      return [];
    }
    return [{ path, value: String(address), rule: `${text} is ${taken} already`, fix: "give each host its own" }];
  });
}

/** @param given names of the sections as people wrote them: of a network with a problem of its own, no more is said. */
export function addressProblems(draft: Draft, given: ReadonlySet<string>): Problem[] {
  if (given.has("network") && !draft.network) return [];
  const own = hosts(draft);
  return [...[...own, ...mentions(draft)].flatMap((place) => outside(draft, place)), ...twice(draft, own)];
}
