/** `digitalocean:index/firewall:Firewall` on the API: nothing of it forces a new one; PUT writes it whole. */
import type { FirewallArgs } from "@pulumi/digitalocean/firewall";
import type { input } from "@pulumi/digitalocean/types";
import { z } from "zod";
import { cloudResource } from "./resource";
import type { Plain } from "./values";

const text = z.string().min(1);
const texts = z.array(text).optional();
const ids = z.array(z.int()).optional();

const rule = {
  action: z.enum(["allow", "deny"]).optional(),
  protocol: z.enum(["tcp", "udp", "icmp"]),
  portRange: text.optional(),
};

const inbound = {
  ...rule,
  sourceAddresses: texts,
  sourceDropletIds: ids,
  sourceKubernetesIds: texts,
  sourceLoadBalancerUids: texts,
  sourceTags: texts,
} satisfies Record<keyof input.FirewallInboundRule, z.ZodType>;

const outbound = {
  ...rule,
  destinationAddresses: texts,
  destinationDropletIds: ids,
  destinationKubernetesIds: texts,
  destinationLoadBalancerUids: texts,
  destinationTags: texts,
} satisfies Record<keyof input.FirewallOutboundRule, z.ZodType>;

const shape = {
  dropletIds: ids,
  inboundRules: z.array(z.strictObject(inbound)).optional(),
  name: text,
  outboundRules: z.array(z.strictObject(outbound)).optional(),
  tags: texts,
} satisfies Record<keyof FirewallArgs, z.ZodType>;

/** The SDK's word for a place, and the API's. */
const PLACES = [
  ["Addresses", "addresses"],
  ["DropletIds", "droplet_ids"],
  ["KubernetesIds", "kubernetes_ids"],
  ["LoadBalancerUids", "load_balancer_uids"],
  ["Tags", "tags"],
] as const;

function toApi(rules: readonly Plain[] | undefined, side: "source" | "destination"): Plain[] {
  return (rules ?? []).map((given) => ({
    protocol: given.protocol,
    ...(given.portRange === undefined ? {} : { ports: given.portRange }),
    [`${side}s`]: Object.fromEntries(
      PLACES.flatMap(([ours, theirs]) => {
        const value = given[`${side}${ours}`];
        return value === undefined ? [] : [[theirs, value]];
      }),
    ),
  }));
}

function fromApi(rules: unknown, side: "source" | "destination"): Plain[] {
  return (rules as Plain[]).map(({ protocol, ports, [`${side}s`]: given }) => ({
    protocol,
    // The API's 0 is all ports, or that the protocol has none.
    ...(protocol === "icmp" ? {} : { portRange: ports === "0" ? "all" : ports }),
    ...Object.fromEntries(
      PLACES.flatMap(([ours, theirs]) => {
        const value = (given as Plain)[theirs];
        return value === undefined ? [] : [[`${side}${ours}`, value]];
      }),
    ),
  }));
}

type Inputs = z.output<z.ZodObject<typeof shape>>;

const body = ({ name, dropletIds, inboundRules, outboundRules, tags }: Inputs): Plain => ({
  ...{ name, droplet_ids: dropletIds ?? [], tags: tags ?? [] },
  ...{ inbound_rules: toApi(inboundRules, "source"), outbound_rules: toApi(outboundRules, "destination") },
});

export const firewallResource = cloudResource({
  token: "digitalocean:index/firewall:Firewall",
  shape,
  replaceOn: [],
  outputs: ["createdAt", "pendingChanges", "status"],
  named: true,
  create: async (rest, inputs) => {
    const answer = await rest.call("POST", "/v2/firewalls", body(inputs));
    return String((answer.firewall as Plain).id);
  },
  read: async (rest, id) => {
    const answer = await rest.find(`/v2/firewalls/${id}`);
    if (!answer) return undefined;
    const found = answer.firewall as Plain;
    const tags = found.tags as readonly string[];
    const inputs = {
      ...{ name: found.name, dropletIds: found.droplet_ids, ...(tags.length > 0 ? { tags } : {}) },
      inboundRules: fromApi(found.inbound_rules, "source"),
      outboundRules: fromApi(found.outbound_rules, "destination"),
    };
    return { id, inputs, outputs: { createdAt: found.created_at, pendingChanges: [], status: found.status } };
  },
  update: async (rest, id, inputs) => {
    await rest.call("PUT", `/v2/firewalls/${id}`, body(inputs));
  },
  remove: async (rest, id) => {
    await rest.call("DELETE", `/v2/firewalls/${id}`);
  },
});
