/** What follows from the network and the domain: one line moves the whole house. */
import { cloudInitAddress, dotted, endpoint, nfsSource, tunnelName, vmAddress } from "../../house/addresses";
import { merge } from "../../house/merge";
import { house, SMALL, stackSections } from "./support";

const renumbered = house(merge(stackSections("prod"), { network: { cidr: "10.7.0.0/16" }, domain: "example.org" }));
const small = house(SMALL);

describe("another network and domain", () => {
  test("renumber every host of the house by one line", () => {
    expect(Object.values(renumbered.vms).map((vm) => vmAddress(renumbered, vm))).toEqual([
      "10.7.0.172",
      "10.7.0.173",
      "10.7.0.174",
      "10.7.0.249",
      undefined,
      undefined,
    ]);
    expect(endpoint(renumbered)).toBe("https://10.7.0.106:8006");
    expect(nfsSource(renumbered, { type: "nfs" })).toEqual({ server: "10.7.0.43", export: "/volume1/infinity-node" });
  });

  test("move the tunnel by one line", () => {
    expect(tunnelName(renumbered)).toBe("pangolin.example.org");
  });

  test("give cloud-init the address with prefix and gateway", () => {
    expect(cloudInitAddress(renumbered, { address: 172 })).toEqual({ address: "10.7.0.172/16", gateway: "10.7.0.1" });
  });
});

describe("a house without a network", () => {
  test("knows dotted addresses only", () => {
    expect(dotted(small, "10.0.0.9")).toBe("10.0.0.9");
    expect(dotted(small, 9)).toBeUndefined();
    expect(endpoint(small)).toBe("https://10.0.0.2:8006");
  });

  test("leaves a guest's address to DHCP", () => {
    expect(cloudInitAddress(small, {})).toEqual({ address: "dhcp" });
  });

  test("has no NFS source without a NAS, and its own where it says so", () => {
    expect(nfsSource(small, { type: "nfs" })).toBeUndefined();
    expect(nfsSource(small, { type: "nfs", server: "10.0.0.5", export: "/v" })).toEqual({
      server: "10.0.0.5",
      export: "/v",
    });
    expect(tunnelName(small)).toBeUndefined();
  });
});
