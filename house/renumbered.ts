/** What a person has to do when the house moved to another subnet or domain: what no provider can reach. Pure. */
import { dotted, endpoint, nfsSource, tunnelName, vmAddress } from "./addresses";
import type { House } from "./schema";

/** Where the house is, as its outputs say. */
export interface Place {
  /** The network: `192.168.86.0/24`. */
  readonly network?: string;
  /** The domain: `infinity-node.com`. */
  readonly domain?: string;
}

/** Without what the house has not got. */
export const placeOf = ({ network, domain }: House): Place => ({
  ...(network && { network: network.cidr }),
  ...(domain !== undefined && { domain }),
});

/** A step with the address it ends at; none where the house doesn't name the host. */
const step = (what: string, address: string | undefined, how: string): string[] =>
  address === undefined ? [] : [`${what} ${address}: ${how}`];

function guestSteps(house: House): string[] {
  return Object.entries(house.vms).flatMap(([name, vm]) =>
    step(
      `VM ${vm.vmid} ${name} becomes`,
      vmAddress(house, vm),
      vm.cloudInit
        ? "cloud-init sets it at its next start"
        : "set it in the guest, or in the router's lease for its MAC",
    ),
  );
}

function networkSteps(house: House): string[] {
  const { hypervisor, nas, network } = house;
  const host = (address: number | string | undefined) =>
    // A dotted address was written out, and is nobody's part of the network.
    typeof address === "number" ? dotted(house, address) : undefined;
  const moved = Object.entries(house.storages ?? {}).flatMap(([id, storage]) => {
    const source = storage.type === "nfs" ? nfsSource(house, storage) : undefined;
    return step(
      `storage ${id} has its server at`,
      source?.server,
      "change it in the node's /etc/pve/storage.cfg, then pulumi refresh",
    );
  });
  return [
    ...step("the router becomes", host(network?.gateway), "with its DHCP range, leases and port forwards"),
    ...step("the NAS becomes", host(nas?.address), "and its exports allow the new subnet"),
    ...step(
      `node ${hypervisor.node} becomes`,
      host(hypervisor.address),
      `in /etc/network/interfaces and /etc/hosts; its API is then at ${endpoint(house) ?? "another address"}`,
    ),
    ...moved,
    ...guestSteps(house),
    "services keep each other's addresses in their own databases: look for the old subnet in their settings",
  ];
}

function domainSteps(house: House): string[] {
  const zone = house.tunnel?.zone;
  return [
    ...(zone === undefined
      ? []
      : [
          `zone ${zone} at Cloudflare has to be the new domain's: set tunnel.zone to its id; the registrar points there`,
        ]),
    ...step(
      "the tunnel's server is called",
      tunnelName(house),
      "in its own configuration, and every newt client's endpoint",
    ),
    "services keep their public address in their own settings: look for the old domain there",
  ];
}

/**
 * Steps for a person, in their order; none where the house stays where it was.
 * @param recorded outputs of the last `up`.
 */
export function renumbered(recorded: { readonly [output in keyof Place]?: unknown }, house: House): string[] {
  const place = placeOf(house);
  const moved = (was: unknown, is: string | undefined) =>
    typeof was === "string" && is !== undefined && was !== is ? [was, is] : undefined;
  const said = (what: string, [was, is]: string[], steps: string[]) => [
    `${what}: ${was} becomes ${is}. What a person has to do, in this order:`,
    ...steps.map((text, index) => `  ${index + 1}. ${text}`),
  ];
  const network = moved(recorded.network, place.network);
  const domain = moved(recorded.domain, place.domain);
  return [
    ...(network ? said("network", network, networkSteps(house)) : []),
    ...(domain ? said("domain", domain, domainSteps(house)) : []),
  ];
}
