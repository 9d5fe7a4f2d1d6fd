/** `/nodes/{node}/network`: the node's interfaces; a bridge is shown to those who may use it. */
import { may } from "../access/permissions";
import type { Call, Route } from "../call";
import { nodeField, text } from "../wire/formats";

const TYPES = ["bridge", "bond", "eth", "alias", "vlan", "OVSBridge", "OVSBond", "OVSPort", "OVSIntPort", "vnet"];

function interfaces(call: Call): unknown {
  const { bridges, interfaces: shown } = call.world.node;
  const all: NonNullable<typeof call.world.node.interfaces> = {
    ...Object.fromEntries(bridges.map((iface) => [iface, { type: "bridge", active: 1 }])),
    ...shown,
  };
  const mayUse = (iface: string): boolean =>
    ["SDN.Audit", "SDN.Use"].some((one) => may(call.world, call.who, `/sdn/zones/localnetwork/${iface}`, one));
  const wanted = call.params.type?.replace(/^any_(local_)?/, "");
  return Object.entries(all)
    .filter(([iface, { type }]) => type !== "bridge" || mayUse(iface))
    .filter(([, { type }]) => wanted === undefined || type === wanted)
    .map(([iface, facts]) => ({ iface, ...facts }));
}

export const networkRoutes: readonly Route[] = [
  {
    method: "GET",
    template: "/nodes/{node}/network",
    fields: { node: nodeField, type: text({ values: [...TYPES, "any_bridge", "any_local_bridge"] }) },
    handle: interfaces,
  },
];
