/** Frames as they come off the wire: read for what they are, and short ones never beyond their end. */
import fc from "fast-check";
import { isWireguard, readFrame, type Packet } from "../../../lab/guests/packets";

const ethernet = (type: string, body: string): Buffer => Buffer.from(`5255c0a85601bc2411000101${type}${body}`, "hex");

/** tcpdump's, of a query for example.com, from 192.168.86.173:40000 to 192.168.86.1:53. */
const DNS =
  "45000039000040004011000 0c0a856adc0a85601".replace(/ /g, "") +
  "9c400035002500000001010000010000000000000765 78616d706c6503636f6d0000010001".replace(/ /g, "");

const ipOf = (packet: Packet | undefined) => {
  if (packet?.kind !== "ip") throw new Error("no IP packet");
  return packet;
};

test("a question for a name", () => {
  const frame = readFrame(ethernet("0800", DNS));
  expect(frame).toMatchObject({ from: "BC:24:11:00:01:01", to: "52:55:C0:A8:56:01" });
  const packet = ipOf(frame?.packet);
  expect(packet).toMatchObject({
    ...{ protocol: "udp", from: "192.168.86.173", to: "192.168.86.1", fromPort: 40000, toPort: 53 },
  });
  expect(packet.payload.toString("latin1")).toContain("example");
  expect(isWireguard(packet)).toBe(false);
});

test("what fills a short frame up is no part of the packet", () => {
  const packet = ipOf(readFrame(ethernet("0800", `${DNS}deadbeef`))?.packet);
  expect(packet.payload.toString("hex")).not.toContain("dead");
});

test("a fragment that is not the first has no ports", () => {
  const packet = ipOf(readFrame(ethernet("0800", `${DNS.slice(0, 12)}0010${DNS.slice(16)}`))?.packet);
  expect(packet.toPort).toBeUndefined();
});

test("TCP with options: its payload comes after them", () => {
  const header = "450000380000400040060000c0a856adc6336407";
  const tcp = `9c4001bb000000000000000080180000000000000101080a00000000 00000000${Buffer.from("GET ").toString("hex")}`;
  const packet = ipOf(readFrame(ethernet("0800", header + tcp.replace(/ /g, "")))?.packet);
  expect(packet).toMatchObject({ protocol: "tcp", to: "198.51.100.7", toPort: 443 });
  expect(packet.payload.toString()).toBe("GET ");
});

test("IPv6, and what stays on the link", () => {
  const ping = `6000000000083aff20010db800000000000000000000000120010db80000000000000000000000028000000000000000`;
  expect(readFrame(ethernet("86dd", ping))?.packet).toMatchObject({
    ...{ kind: "ip", protocol: "icmp", to: "2001:0db8:0000:0000:0000:0000:0000:0002" },
  });
  expect(readFrame(ethernet("0806", "0001"))?.packet).toEqual({ kind: "link", type: 0x0806 });
});

test.each([
  [1, true],
  [4, true],
  [0, false],
  [5, false],
])("a datagram that begins with %i and three zeros is WireGuard's: %s", (type, is) => {
  const payload = Buffer.alloc(32);
  payload[0] = type;
  const packet: Packet = { kind: "ip", from: "a", to: "b", protocol: "udp", payload };
  expect(isWireguard(packet)).toBe(is);
  payload[3] = 1;
  expect(isWireguard(packet)).toBe(false);
});

test("whatever comes, nothing is read beyond its end", () => {
  const types = fc.constantFrom("0800", "86dd", "0806");
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 80 }), (type, body) => {
      const frame = readFrame(ethernet(type, Buffer.from(body).toString("hex")));
      if (frame?.packet.kind === "ip") expect(frame.packet.payload.length).toBeLessThanOrEqual(body.length);
    }),
  );
});
