/** A VPN's network is one that the VM's own rules can find and hold, and its names are asked for inside of it. Pure. */
import type { Problem } from "../../../values/problem";
import type { Compose } from "../compose";
import type { Extension } from "../extension";
import type { Judged } from "./stack";

const BRIDGE_NAME = "com.docker.network.bridge.name";

type Vpn = NonNullable<Extension["vpn"]>;

/** The rules on the VM know a network by its bridge's name: one that Docker makes up is another one each time. */
function bridgeProblems({ networks }: Compose, { bridge }: Vpn): Problem[] {
  const { driver_opts: options, driver, external } = networks.default ?? {};
  const named = options?.[BRIDGE_NAME];
  if (named === bridge && (driver === undefined || driver === "bridge") && external === undefined) return [];
  const rule = `is not held: its bridge is not ${bridge}, which the VM's rules look at`;
  return [
    {
      path: "networks.default",
      ...(named == null ? {} : { value: named }),
      rule,
      fix: `set driver_opts: { ${BRIDGE_NAME}: ${bridge} }`,
    },
  ];
}

function ownerProblems({ services }: Compose, { service }: Vpn): Problem[] {
  const owner = services[service];
  if (!owner) {
    const rule = "there is no such service in the stack";
    return [{ path: "x-infinity.vpn.service", value: service, rule, fix: "name the one with the tunnel" }];
  }
  const path = `services.${service}`;
  const elsewhere = owner.networks.filter((name) => name !== "default");
  return [
    ...(owner.network_mode === undefined
      ? []
      : [
          {
            path: `${path}.network_mode`,
            value: owner.network_mode,
            rule: "is a network that the VM's rules don't hold",
            fix: "take it out: the stack's own network is the one",
          },
        ]),
    ...(elsewhere.length === 0
      ? []
      : [
          {
            path: `${path}.networks`,
            value: elsewhere.join(", "),
            rule: "is a way around the tunnel",
            fix: "leave default as its only network",
          },
        ]),
    ...(owner.dns.length > 0
      ? []
      : [
          {
            path: `${path}.dns`,
            rule: "Docker would ask the VM's own name server, around the tunnel",
            fix: "set 127.0.0.1 where the container has a name server inside, else one that the tunnel leads to",
          },
        ]),
  ];
}

/** Beside the tunnel there is no way out of the network, and no name server that doesn't tell the VM's. */
function strangerProblems({ services }: Compose, { service }: Vpn): Problem[] {
  return Object.entries(services)
    .filter(([name, { network_mode: mode }]) => name !== service && mode !== `service:${service}`)
    .map(([name, { network_mode: mode }]) => ({
      path: `services.${name}.network_mode`,
      ...(mode === undefined ? {} : { value: mode }),
      rule: "is not in the VPN's network, as all of this stack has to be",
      fix: `set service:${service}, or give it a stack of its own`,
    }));
}

export function vpnProblems({ stack: { vpn }, compose }: Judged): Problem[] {
  if (vpn === undefined) return [];
  return [...ownerProblems(compose, vpn), ...bridgeProblems(compose, vpn), ...strangerProblems(compose, vpn)];
}
