/** Networks and the hosts' parts of them. */
import fc from "fast-check";
import { contains, hostAddress, parseNetwork, type Network } from "../../values/network";

const network = fc
  .record({ address: fc.integer({ min: 0, max: 2 ** 32 - 1 }), prefix: fc.integer({ min: 8, max: 30 }) })
  .map(({ address, prefix }): Network => ({ base: address - (address % 2 ** (32 - prefix)), prefix }));

const parse = (cidr: string): Network => {
  const parsed = parseNetwork(cidr);
  if (!parsed) throw new Error(`${cidr} is a network`);
  return parsed;
};

describe("a network", () => {
  test.each(["192.168.86.1/24", "192.168.86.0", "192.168.86.0/31", "10.0.0.0/7", "192.168.086.0/24x", "fe80::/64", ""])(
    "%j is none",
    (cidr) => {
      expect(parseNetwork(cidr)).toBeUndefined();
    },
  );

  test("comes back from its own address", () => {
    fc.assert(
      fc.property(network, (one) => {
        const first = hostAddress(one, 1) ?? "";
        const base = first.replace(/\d+$/, (last) => String(Number(last) - 1));
        expect(parseNetwork(`${base}/${one.prefix}`)).toEqual(one);
      }),
    );
  });

  test("contains each of its hosts and none beyond", () => {
    fc.assert(
      fc.property(network, fc.double({ min: 0, max: 1, noNaN: true }), (one, share) => {
        const last = 2 ** (32 - one.prefix) - 2;
        const address = hostAddress(one, 1 + Math.floor(share * (last - 1)));
        expect(address).toBeDefined();
        expect(contains(one, address ?? "")).toBe(true);
        expect(hostAddress(one, 0)).toBeUndefined();
        expect(hostAddress(one, last + 1)).toBeUndefined();
      }),
    );
  });

  test("counts a host's part from its start", () => {
    expect(hostAddress(parse("192.168.86.0/24"), 172)).toBe("192.168.86.172");
    expect(hostAddress(parse("10.20.0.0/16"), 266)).toBe("10.20.1.10");
    expect(hostAddress(parse("192.168.86.0/24"), 1.5)).toBeUndefined();
  });

  test("doesn't contain a neighbour's host, its own ends, or what is no address", () => {
    const house = parse("192.168.86.0/24");
    expect(["192.168.87.1", "192.168.86.0", "192.168.86.255", "emby", ""].filter((a) => contains(house, a))).toEqual(
      [],
    );
  });
});
