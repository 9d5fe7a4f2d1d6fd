/** What holds a VPN's network, on a simulated guest: loaded, found flushed or changed, put back, without touching the rest. */
import { networkGuardKind } from "../../../providers/guest/kinds/networkGuard";
import { guardRules, tableOf } from "../../../providers/guest/guardRules";
import { openGuest, LOOK, resourceOf, type TestGuest } from "./guest";

const GUARD = { name: "vpn", bridge: "br-vpn", endpointPort: 51820, neighbours: ["192.168.86.174/32"] };

let guest: TestGuest;

beforeEach(async () => {
  guest = await openGuest();
  guest.state.packages.push("nftables");
});

afterEach(async () => {
  const unknown = await guest.end();
  expect(unknown).toEqual([]);
});

const hand = async (...command: string[]): Promise<string> => (await guest.by(command)).stdout;
const loaded = (): string | undefined => guest.state.tables?.infinity_vpn;

test("is loaded before Docker starts, reads back, and is not written again", async () => {
  const guard = resourceOf(guest, networkGuardKind);
  const state = await guard.create(GUARD);
  expect(loaded()).toContain('iifname "br-vpn" jump held');
  expect(await hand("cat", "--", "/etc/systemd/system/docker.service.d/infinity-guard-vpn.conf")).toContain(
    "ExecStartPre=/usr/sbin/nft -f /etc/infinity-node/guards/vpn.nft",
  );
  expect(await guard.read(state)).toEqual(state);
  guest.sent();
  await guard.update(state, GUARD);
  expect(guest.sent()).toEqual([LOOK]);
});

test("comes back when the guest's rules are flushed", async () => {
  const guard = resourceOf(guest, networkGuardKind);
  const state = await guard.create(GUARD);
  await hand("nft", "flush", "ruleset");
  expect(await guard.read(state)).toEqual({ ...state, inForce: false });
  await guard.update(state, GUARD);
  expect(await guard.read(state)).toEqual(state);
  expect(loaded()).toContain("counter drop");
});

const NOTHING = "table inet infinity_vpn {\n}\n";

test.each<[string, () => Promise<void>]>([
  [
    "rules in force",
    () => {
      guest.state.tables = { infinity_vpn: NOTHING };
      return Promise.resolve();
    },
  ],
  ["a file", () => guest.host.writeFile("/etc/infinity-node/guards/vpn.nft", NOTHING, { sudo: true })],
])("%s, changed by hand, are seen and put back", async (_, change) => {
  const guard = resourceOf(guest, networkGuardKind);
  const state = await guard.create(GUARD);
  await change();
  expect(await guard.read(state)).toEqual({ ...state, inForce: false });
  await guard.update(state, GUARD);
  expect(await guard.read(state)).toEqual(state);
});

test("without the drop-in it would not be there at the next boot: seen, and put back", async () => {
  const guard = resourceOf(guest, networkGuardKind);
  const state = await guard.create(GUARD);
  await hand("rm", "-f", "/etc/systemd/system/docker.service.d/infinity-guard-vpn.conf");
  expect(await guard.read(state)).toEqual({ ...state, inForce: false });
  await guard.update(state, GUARD);
  expect(await guard.read(state)).toEqual(state);
});

test("another neighbour is a change in place", async () => {
  const guard = resourceOf(guest, networkGuardKind);
  const state = await guard.create(GUARD);
  const more = { ...GUARD, neighbours: ["192.168.86.175/32", "192.168.86.174/32"] };
  const after = await guard.update(state, more);
  expect(loaded()).toContain("elements = { 192.168.86.174/32, 192.168.86.175/32 }");
  expect(await guard.read(after)).toEqual(after);
});

test("what is no guard is refused with the reason", () => {
  const { checked } = resourceOf(guest, networkGuardKind);
  expect(() => checked({ ...GUARD, bridge: 'x" accept' })).toThrow("the name of an interface");
  expect(() => checked({ ...GUARD, neighbours: ["everywhere"] })).toThrow("an IPv4 address or network");
});

test("rules: replaced as a whole, names and DNS apart, WireGuard told from what only uses its port", () => {
  expect(tableOf("my-vpn")).toBe("infinity_my.vpn");
  const text = guardRules(GUARD);
  expect(text).toMatch(/^add table inet infinity_vpn\ndelete table inet infinity_vpn\ntable inet infinity_vpn \{$/m);
  const held = text.slice(text.indexOf("chain held")).split("\n");
  const at = (part: string): number => held.findIndex((line) => line.includes(part));
  // A neighbour that is a name server is no way around: names before neighbours.
  expect(at("dport { 53, 853 } counter drop")).toBeLessThan(at("ip daddr @neighbours"));
  expect(at("udp dport 51820 udp length 156 @th,64,32 0x01000000")).toBeGreaterThan(0);
  expect(held.filter((line) => line.includes("accept") && line.includes("51820"))).toHaveLength(4);
  expect(held.filter((line) => line.trim() === "counter drop")).toHaveLength(1);
  expect(guardRules({ ...GUARD, neighbours: [] })).not.toContain("elements");
});
