/** A stack with a VPN: its network can be held, and what it is held by follows from the house. */
import { sealOf } from "../../../house/stacks/seal";
import { interpolate } from "../../../house/stacks/interpolation";
import { edited, folder, said, type Change } from "./support";

const FILE = "stacks/films/docker-compose.yml";
const NETWORKS = "networks:\n  default:\n    driver_opts: { com.docker.network.bridge.name: br-films }\nservices:";
const BASE: readonly Change[] = [
  ["  web:", "  vpn: { service: films, bridge: br-films }\n  web:"],
  ["\nservices:", `\n${NETWORKS}`],
  ["    environment:", "    dns: 127.0.0.1\n    environment:"],
];
const compose = (...changes: readonly Change[]) => folder({ "docker-compose.yml": edited(...BASE, ...changes) });

test("the pattern keeps all of the rules", () => {
  expect(said(compose())).toEqual([]);
});

test.each<[string, Change, string]>([
  [
    "a bridge that Docker names",
    ["    driver_opts: { com.docker.network.bridge.name: br-films }", "    attachable: false"],
    "networks.default: is not held: its bridge is not br-films, which the VM's rules look at - set driver_opts: { com.docker.network.bridge.name: br-films }",
  ],
  [
    "another bridge",
    ["bridge.name: br-films", "bridge.name: br-other"],
    "networks.default: br-other: is not held: its bridge is not br-films, which the VM's rules look at - set driver_opts: { com.docker.network.bridge.name: br-films }",
  ],
  [
    "no name server",
    ["    dns: 127.0.0.1\n", ""],
    "services.films.dns: Docker would ask the VM's own name server, around the tunnel - set 127.0.0.1 where the container has a name server inside, else one that the tunnel leads to",
  ],
  [
    "a second network",
    ["    dns: 127.0.0.1\n", "    dns: 127.0.0.1\n    networks: [default, other]\n"],
    "services.films.networks: other: is a way around the tunnel - leave default as its only network",
  ],
  [
    "no such service",
    ["vpn: { service: films,", "vpn: { service: tunnel,"],
    "x-infinity.vpn.service: tunnel: there is no such service in the stack - name the one with the tunnel",
  ],
  [
    "a port that is none",
    ["bridge: br-films }", "bridge: br-films, endpointPort: wireguard }"],
    "x-infinity.vpn.endpointPort: is neither a value nor a variable - write ${NAME}",
  ],
])("%s is said", (_, change, message) => {
  expect(said(compose(change)).map((line) => line.replace(`${FILE}: `, ""))).toContain(message);
});

describe("what it is held by", () => {
  const vpn = { service: "vpn", bridge: "br-vpn", endpointPort: "${VPN_PORT}", neighbours: "${NEIGHBOURS}" };
  const sealed = (values: Record<string, string>) =>
    sealOf({ name: "vpn", file: "docker-compose.yml", vpn }, (text) => interpolate(text, values));

  test("has its variables filled in", () => {
    expect(sealed({ VPN_PORT: "1337", NEIGHBOURS: "192.168.86.174/32,192.168.86.249/32" })).toEqual({
      seal: {
        service: "vpn",
        bridge: "br-vpn",
        endpointPort: 1337,
        neighbours: ["192.168.86.174/32", "192.168.86.249/32"],
      },
    });
    expect(sealed({ VPN_PORT: "1337", NEIGHBOURS: "" })).toMatchObject({ seal: { neighbours: [] } });
  });

  test("is no guess where a value makes no sense", () => {
    expect(sealed({ VPN_PORT: "", NEIGHBOURS: "" })).toMatchObject({ problem: { rule: "is no port" } });
    // gluetun is given the same text, and takes networks only.
    for (const NEIGHBOURS of ["192.168.86.174", "192.168.86.174/32, 192.168.86.249/32"])
      expect(sealed({ VPN_PORT: "1337", NEIGHBOURS })).toMatchObject({ problem: { rule: "is no IPv4 network" } });
    expect(sealed({ VPN_PORT: "1337", NEIGHBOURS: "everybody" })).toMatchObject({
      problem: { value: "everybody", rule: "is no IPv4 network" },
    });
  });

  test("is nothing for a stack without a VPN", () => {
    expect(sealOf({ name: "films", file: "docker-compose.yml" }, String)).toBeUndefined();
  });
});
