/**
 * IPv4 networks and a host's part of them. The house names hosts by their part (`106`), so that renumbering the
 * subnet is one line. Pure; the arithmetic of addresses is ipaddr.js's.
 */
import ipaddr from "ipaddr.js";

export interface Network {
  /** Network address as a 32-bit number. */
  readonly base: number;
  /** Prefix length in bits, 8-30. */
  readonly prefix: number;
}

const toNumber = (address: ipaddr.IPv4): number => address.octets.reduce((sum, octet) => sum * 256 + octet, 0);

const toText = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");

/** Parses `192.168.86.0/24`; `undefined` where the text is no IPv4 network or has host bits set. */
export function parseNetwork(cidr: string): Network | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) return undefined;
  const [address, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  if (prefix < 8 || prefix > 30) return undefined;
  const base = toNumber(address);
  return base % 2 ** (32 - prefix) === 0 ? { base, prefix } : undefined;
}

/**
 * The address of a host: its part of the network (`106` in `192.168.86.0/24` is `192.168.86.106`; in a wider network
 * `266` counts on from the network's start). `undefined` where it is not a usable host of the network.
 */
export function hostAddress(network: Network, host: number): string | undefined {
  const last = 2 ** (32 - network.prefix) - 1;
  return Number.isInteger(host) && host > 0 && host < last ? toText(network.base + host) : undefined;
}

/** A host's part of the network (`106` of `192.168.86.106`); `undefined` where the address is none of its hosts. */
export function hostPart(network: Network, address: string): number | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  const host = toNumber(ipaddr.IPv4.parse(address)) - network.base;
  return hostAddress(network, host) === undefined ? undefined : host;
}

/** Whether a dotted address is a usable host of the network. */
export const contains = (network: Network, address: string): boolean => hostPart(network, address) !== undefined;
