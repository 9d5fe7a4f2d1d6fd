/** Addresses and names that follow from the house: hosts are a part of its network, names a part of its domain. Pure. */
import { hostAddress, parseNetwork } from "../values/network";
import type { Draft, HouseStorage, Vm } from "./schema";

/**
 * The dotted address of a host's part of the network; a dotted one is itself. `undefined` where the house has no network,
 * or the part is none of its hosts.
 */
export function dotted(house: Pick<Draft, "network">, address: number | string): string | undefined {
  if (typeof address === "string") return address;
  const network = house.network && parseNetwork(house.network.cidr);
  return network && hostAddress(network, address);
}

/** Dotted address of a VM, where it is known. */
export function vmAddress(house: Draft, vm: Pick<Vm, "address">): string | undefined {
  return vm.address === undefined ? undefined : dotted(house, vm.address);
}

/** Where the node's API listens: `https://192.168.86.106:8006`. */
export function endpoint(house: Draft): string | undefined {
  const { endpoint: given, address } = house.hypervisor ?? {};
  if (given !== undefined) return given;
  const host = address === undefined ? undefined : dotted(house, address);
  return host === undefined ? undefined : `https://${host}:8006`;
}

/** Server and export of an NFS storage: its own, or else the NAS's. */
export function nfsSource(
  house: Draft,
  storage: Extract<HouseStorage, { type: "nfs" }>,
): { server: string; export: string } | undefined {
  const server = storage.server ?? house.nas?.address;
  const path = storage.export ?? house.nas?.export;
  const host = server === undefined ? undefined : dotted(house, server);
  return host === undefined || path === undefined ? undefined : { server: host, export: path };
}

/** What cloud-init sets on `net0`: the VM's address with prefix and gateway, or `dhcp` where it has none. */
export function cloudInitAddress(house: Draft, vm: Pick<Vm, "address">): { address: string; gateway?: string } {
  const host = vmAddress(house, vm);
  const network = house.network && parseNetwork(house.network.cidr);
  if (host === undefined || !network) return { address: "dhcp" };
  const gateway = house.network?.gateway === undefined ? undefined : dotted(house, house.network.gateway);
  return { address: `${host}/${network.prefix}`, ...(gateway === undefined ? {} : { gateway }) };
}

/** Public name of the tunnel's server: `pangolin.infinity-node.com`. */
export function tunnelName(house: Draft): string | undefined {
  return house.tunnel && house.domain !== undefined ? `${house.tunnel.endpoint}.${house.domain}` : undefined;
}
