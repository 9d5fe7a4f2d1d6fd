/** What an Ethernet frame carries, as far as it matters where it goes: read off the wire, outside of whoever sent it. Pure. */

export type Packet =
  | {
      readonly kind: "ip";
      /** Dotted, or IPv6 in eight groups. */
      readonly from: string;
      readonly to: string;
      readonly protocol: "tcp" | "udp" | "icmp" | "other";
      /** Of TCP and UDP, in a packet's first fragment. */
      readonly fromPort?: number;
      readonly toPort?: number;
      /** What UDP and TCP headers come before. */
      readonly payload: Buffer;
    }
  /** ARP and the like: what stays on the link. */
  | { readonly kind: "link"; readonly type: number };

/** A frame that one card sent to another. */
export interface Frame {
  /** MAC addresses as a VM's configuration has them: `BC:24:11:00:01:00`. */
  readonly from: string;
  readonly to: string;
  readonly packet: Packet;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ETHERNET = 14;
const PROTOCOLS: Readonly<Record<number, "tcp" | "udp" | "icmp">> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmp" };

const mac = (bytes: Buffer): string =>
  bytes
    .toString("hex")
    .replace(/..(?=.)/g, "$&:")
    .toUpperCase();
const ipv4 = (bytes: Buffer): string => [...bytes].join(".");
const ipv6 = (bytes: Buffer): string => (bytes.toString("hex").match(/.{4}/g) ?? []).join(":");

type Transport = Pick<Extract<Packet, { kind: "ip" }>, "protocol" | "fromPort" | "toPort" | "payload">;

/** What comes after the IP header. */
function transport(number: number, body: Buffer, first: boolean): Transport {
  const protocol = PROTOCOLS[number] ?? "other";
  const header = protocol === "udp" ? 8 : protocol === "tcp" ? ((body[12] ?? 0) >> 4) * 4 : 0;
  if (!first || header === 0 || body.length < Math.max(header, 8)) return { protocol, payload: body };
  return { protocol, fromPort: body.readUInt16BE(0), toPort: body.readUInt16BE(2), payload: body.subarray(header) };
}

function readIpv4(bytes: Buffer): Packet | undefined {
  const header = ((bytes[0] ?? 0) & 15) * 4;
  if (header < 20 || bytes.length < header) return undefined;
  // Ethernet fills short frames up: what is behind the packet's own length is none of it.
  const end = Math.min(bytes.length, Math.max(header, bytes.readUInt16BE(2)));
  const first = (bytes.readUInt16BE(6) & 0x1fff) === 0;
  const [from, to] = [ipv4(bytes.subarray(12, 16)), ipv4(bytes.subarray(16, 20))];
  return { kind: "ip", from, to, ...transport(bytes[9] ?? 0, bytes.subarray(header, end), first) };
}

function readIpv6(bytes: Buffer): Packet | undefined {
  if (bytes.length < 40) return undefined;
  const [from, to] = [ipv6(bytes.subarray(8, 24)), ipv6(bytes.subarray(24, 40))];
  return { kind: "ip", from, to, ...transport(bytes[6] ?? 0, bytes.subarray(40), true) };
}

/** @returns `undefined` for what is shorter than its own headers. */
export function readFrame(frame: Buffer): Frame | undefined {
  if (frame.length < ETHERNET) return undefined;
  const type = frame.readUInt16BE(12);
  const body = frame.subarray(ETHERNET);
  const packet = type === IPV4 ? readIpv4(body) : type === IPV6 ? readIpv6(body) : ({ kind: "link", type } as const);
  return packet && { from: mac(frame.subarray(6, 12)), to: mac(frame.subarray(0, 6)), packet };
}

const UNREACHABLE = 3;
const ICMP_HEADER = 8;

/** What an ICMP `destination unreachable` sends back: the packet that found nobody, as far as it is quoted. IPv4. */
export function sentBack(packet: Packet): Packet | undefined {
  if (packet.kind !== "ip" || packet.protocol !== "icmp" || packet.payload[0] !== UNREACHABLE) return undefined;
  return readIpv4(packet.payload.subarray(ICMP_HEADER));
}

/** WireGuard's own messages: one of four types, then three zeros. */
export const isWireguard = (packet: Packet): boolean =>
  packet.kind === "ip" &&
  packet.protocol === "udp" &&
  packet.payload.length >= 32 &&
  [1, 2, 3, 4].includes(packet.payload.readUInt32LE(0));
