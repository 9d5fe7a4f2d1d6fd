/** A house that moved says what a person has to do, and nothing where it stayed. */
import { merge } from "../../house/merge";
import { placeOf, renumbered } from "../../house/renumbered";
import { house, small, stackSections } from "./support";

const seed = stackSections("prod");
const before = placeOf(house(seed));

test("a house that stays, or was never up, has nothing to do", () => {
  expect(before).toEqual({ network: "192.168.86.0/24", domain: "infinity-node.com" });
  expect(renumbered(before, house(seed))).toEqual([]);
  expect(renumbered({}, house(seed))).toEqual([]);
  expect(renumbered(before, house(small({})))).toEqual([]);
});

test("another subnet: the machines in the order they are moved in, each with its new address", () => {
  const cloudInit = { storage: "local-lvm" };
  const moved = merge(seed, { network: { cidr: "10.20.30.0/24" }, vms: { misc: { cloudInit } } });
  const [title, ...steps] = renumbered(before, house(moved));
  expect(title).toMatch(/^network: 192\.168\.86\.0\/24 becomes 10\.20\.30\.0\/24/);
  expect(steps.map((step) => /^ {2}\d\. (.*?:)/.exec(step)?.[1])).toEqual([
    "the router becomes 10.20.30.1:",
    "the NAS becomes 10.20.30.43:",
    "node infinity-node becomes 10.20.30.106:",
    "storage NAS has its server at 10.20.30.43:",
    "VM 100 emby becomes 10.20.30.172:",
    "VM 101 downloads becomes 10.20.30.173:",
    "VM 102 arr becomes 10.20.30.174:",
    "VM 103 misc becomes 10.20.30.249:",
    "services keep each other's addresses in their own databases:",
  ]);
  expect(steps[4]).toContain("in the guest");
  expect(steps[7]).toContain("cloud-init");
});

test("another domain: the zone, the tunnel's server and what services remember", () => {
  const moved = merge(seed, { domain: "example.org", tunnel: { zone: "0123456789abcdef0123456789abcdef" } });
  const said = renumbered(before, house(moved)).join("\n");
  expect(said).toMatch(/domain: infinity-node\.com becomes example\.org/);
  expect(said).toMatch(/zone 0123456789abcdef0123456789abcdef.*tunnel\.zone/);
  expect(said).toContain("the tunnel's server is called pangolin.example.org");
});
