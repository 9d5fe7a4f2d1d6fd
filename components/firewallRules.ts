/** What the tunnel's server may be asked from outside, and that it may ask anything. Pure. */
import type { input } from "@pulumi/digitalocean/types";

const EVERYWHERE = ["0.0.0.0/0", "::/0"];

/**
 * SSH, HTTP (certificates are proved over it) and HTTPS with HTTP/3; WireGuard of the tunnel's sites on 51820 and of its
 * clients on 21820 (Pangolin's own list). Ports that Docker publishes pass a firewall on the droplet itself: the cloud's
 * is the one that holds.
 */
const OPEN = [
  ["tcp", "22"],
  ["tcp", "80"],
  ["tcp", "443"],
  ["udp", "443"],
  ["udp", "51820"],
  ["udp", "21820"],
] as const;

export const inboundRules = (): input.FirewallInboundRule[] =>
  OPEN.map(([protocol, portRange]) => ({ protocol, portRange, sourceAddresses: EVERYWHERE }));

/** Without a rule a cloud firewall lets nothing out. */
export const outboundRules = (): input.FirewallOutboundRule[] => [
  { protocol: "tcp", portRange: "1-65535", destinationAddresses: EVERYWHERE },
  { protocol: "udp", portRange: "1-65535", destinationAddresses: EVERYWHERE },
  { protocol: "icmp", destinationAddresses: EVERYWHERE },
];
