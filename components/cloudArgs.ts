/** From what the house says of its tunnel's server and names to what the clouds' resources are asked. Pure. */
import type { DropletArgs } from "@pulumi/digitalocean/droplet";
import type { KnownDroplet } from "../house/tunnel";
import { inboundRules, outboundRules } from "./firewallRules";

/** A change of any of these makes a new droplet (DigitalOcean can't change them on one that exists). */
const MAKES_A_NEW_ONE = ["image", "region", "sshKeys", "userData", "monitoring"] as const;

export function dropletArgs(droplet: KnownDroplet) {
  const { rebuild, reservedIp, ...args } = droplet;
  return args satisfies DropletArgs;
}

/** What a changed house does not change: the droplet's disk holds the tunnel's database. */
export const ignoredOfDroplet = ({ rebuild }: KnownDroplet): (typeof MAKES_A_NEW_ONE)[number][] =>
  rebuild ? [] : [...MAKES_A_NEW_ONE];

export const firewallArgs = <Id>(name: string, dropletId: Id) => ({
  name,
  dropletIds: [dropletId],
  inboundRules: inboundRules(),
  outboundRules: outboundRules(),
});

/** Automatic: Cloudflare's word for 300 s. */
const TTL = 1;

/** Not proxied: the tunnel is WireGuard as well as HTTPS, and has certificates of its own. */
export const recordArgs = <Address>(zoneId: string, name: string, content: Address) => ({
  ...{ zoneId, name, type: "A", content, ttl: TTL, proxied: false },
});
