/** The guests' network, as the addresses that their VMs are given tell it. Pure. */
import ipaddr from "ipaddr.js";
import { hostAddress, parseNetwork, type Network } from "../../values/network";
import { parsePairs } from "./configText";

export interface Subnet {
  /** `192.168.86.0/24` */
  readonly cidr: string;
  /** The guests' gateway and, as in most houses, their name server. */
  readonly gateway: string;
}

type Config = Readonly<Record<string, string>>;

const isStatic = (ip: string | undefined): ip is string =>
  ip !== undefined && ipaddr.IPv4.isValidCIDRFourPartDecimal(ip);

/** `192.168.86.172` of a VM with a fixed address on its first card that has one. */
export function addressOf(config: Config): string | undefined {
  return interfaces(config).find(isStatic)?.split("/")[0];
}

const interfaces = (config: Config): string[] =>
  Object.keys(config)
    .filter((key) => /^ipconfig\d+$/.test(key))
    .sort()
    .map((key) => parsePairs(config[key] ?? "").ip ?? "");

/** Where a VM has no fixed address with a gateway, that of a house like most. */
export function subnetOf(config: Config): Subnet {
  for (const key of Object.keys(config)
    .filter((name) => /^ipconfig\d+$/.test(name))
    .sort()) {
    const { ip, gw } = parsePairs(config[key] ?? "");
    if (!isStatic(ip)) continue;
    const cidr = ipaddr.IPv4.networkAddressFromCIDR(ip).toString();
    const prefix = Number(ip.split("/")[1]);
    return { cidr: `${cidr}/${prefix}`, gateway: gw ?? firstHost(`${cidr}/${prefix}`) };
  }
  return { cidr: "192.168.86.0/24", gateway: "192.168.86.1" };
}

const network = (cidr: string): Network => parseNetwork(cidr) ?? { base: 0xc0a85600, prefix: 24 };
const firstHost = (cidr: string): string => hostAddress(network(cidr), 1) ?? "";

/** An address that the router takes for itself: the last one, away from where houses put theirs. */
export function hostOf(cidr: string, gateway: string): string {
  const { prefix } = network(cidr);
  const last = 2 ** (32 - prefix) - 2;
  const [first, second] = [last, last - 1].map((part) => hostAddress(network(cidr), part) ?? "");
  return first === gateway ? (second ?? "") : (first ?? "");
}
