/** What counts as leaving the VPN's network where it must not: told apart on the wire. */
import { readFrame, type Frame } from "../../lab/guests/packets";
import { strayOf, type Bounds } from "./outside";

const BOUNDS: Bounds = {
  mac: "BC:24:11:00:01:01",
  neighbours: ["192.168.86.174"],
  endpoint: "192.168.86.200",
  answers: [22, 8112],
};

interface Sent {
  readonly to: string;
  readonly protocol?: "tcp" | "udp" | "icmp";
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly payload?: Buffer;
}

const sent = ({ to, protocol = "udp", fromPort = 40_000, toPort, payload = Buffer.alloc(0) }: Sent): Frame => ({
  from: BOUNDS.mac,
  to: "52:55:C0:A8:56:01",
  packet: { kind: "ip", from: "192.168.86.173", to, protocol, fromPort, toPort, payload },
});

const message = Buffer.concat([Buffer.from([4, 0, 0, 0]), Buffer.alloc(60)]);

/** An ICMP message with the packet that it answers: from `from` and port 51820, to the VM. */
function icmp(type: number, from: string, quoted: Buffer): Buffer {
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(28 + quoted.length, 2);
  ip[9] = 17;
  Buffer.from(from.split(".").map(Number)).copy(ip, 12);
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(51820, 0);
  return Buffer.concat([Buffer.from([type, 3, 0, 0, 0, 0, 0, 0]), ip, udp, quoted]);
}
const echo = Buffer.concat([Buffer.from([8, 0, 0, 0, 0, 0, 0, 1]), Buffer.alloc(56)]);

test.each<[string, Sent]>([
  ["WireGuard to the endpoint", { to: "192.168.86.200", toPort: 51820, payload: message }],
  ["an answer of a web interface", { to: "192.168.86.1", protocol: "tcp", fromPort: 8112, toPort: 50_000 }],
  [
    "the VM's word to the endpoint that nobody takes its messages",
    { to: "192.168.86.200", protocol: "icmp", payload: icmp(3, "192.168.86.200", message) },
  ],
  ["whatever a neighbour is sent", { to: "192.168.86.174", protocol: "tcp", toPort: 7878 }],
  ["what every Linux says on its link", { to: "ff02:0000:0000:0000:0000:0000:0000:0002", protocol: "icmp" }],
])("%s is none", (_, packet) => {
  expect(strayOf(sent(packet), BOUNDS)).toBeUndefined();
});

test.each<[string, Sent, string]>([
  ["a question for a name", { to: "192.168.86.1", toPort: 53 }, "udp 192.168.86.1:53"],
  ["one that a neighbour is asked", { to: "192.168.86.174", toPort: 53 }, "udp 192.168.86.174:53"],
  ["WireGuard to somebody else", { to: "198.51.100.7", toPort: 51820, payload: message }, "udp 198.51.100.7:51820"],
  [
    "anything else on the endpoint's port",
    { to: "192.168.86.200", toPort: 51820, payload: Buffer.from("around the tunnel, in the open, and long enough") },
    "udp 192.168.86.200:51820",
  ],
  ["a ping of the endpoint", { to: "192.168.86.200", protocol: "icmp", payload: echo }, "icmp 192.168.86.200"],
  [
    "such a word about what was no message",
    { to: "192.168.86.200", protocol: "icmp", payload: icmp(3, "192.168.86.200", Buffer.alloc(60)) },
    "icmp 192.168.86.200",
  ],
  [
    "such a word to somebody else",
    { to: "198.51.100.7", protocol: "icmp", payload: icmp(3, "192.168.86.200", message) },
    "icmp 198.51.100.7",
  ],
  ["a peer", { to: "198.51.100.7", protocol: "tcp", toPort: 6881 }, "tcp 198.51.100.7:6881"],
])("%s is one", (_, packet, what) => {
  expect(strayOf(sent(packet), BOUNDS)).toBe(what);
});

test("ARP stays on the link", () => {
  const frame = readFrame(Buffer.from("ffffffffffffbc241100010108060001", "hex"));
  expect(frame && strayOf(frame, BOUNDS)).toBeUndefined();
});
