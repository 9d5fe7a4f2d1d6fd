/** A cloud firewall's rules, one line a port, so that an edit of one is told as one. Pure. */
import { z } from "zod";

type Words = Readonly<Record<string, unknown>>;

/** The SDK's and the API's names of the places that a rule is for. */
const PLACES = [
  ["Addresses", "addresses"],
  ["DropletIds", "droplet_ids"],
  ["KubernetesIds", "kubernetes_ids"],
  ["LoadBalancerUids", "load_balancer_uids"],
  ["Tags", "tags"],
] as const;

const places = z.record(z.string(), z.array(z.union([z.string(), z.number()])).nullish()).optional();
const rule = z.object({ protocol: z.string(), ports: z.string().optional(), sources: places, destinations: places });
const answer = z.object({
  firewall: z.object({
    name: z.string(),
    droplet_ids: z.array(z.number()).nullish(),
    inbound_rules: z.array(rule).nullish(),
    outbound_rules: z.array(rule).nullish(),
  }),
});

/** The API's `0` is all ports, or that the protocol has none; all of them may be written out, too. */
function portOf(protocol: string, ports: string | undefined): string {
  if (protocol === "icmp") return protocol;
  return `${protocol} ${ports === undefined || ["", "0", "all", "1-65535"].includes(ports) ? "all" : ports}`;
}

/** `{ "tcp 22": "0.0.0.0/0, ::/0" }`; rules of one port are one line. */
function lines(rules: readonly { readonly port: string; readonly places: readonly string[] }[]): Words {
  const ports = [...new Set(rules.map(({ port }) => port))].sort();
  const all = (port: string) => rules.filter((one) => one.port === port).flatMap((one) => one.places);
  return Object.fromEntries(ports.map((port) => [port, [...new Set(all(port))].sort().join(", ")]));
}

const named = (kind: string, values: readonly unknown[]): string[] =>
  values.map((value) => (kind === "addresses" ? String(value) : `${kind} ${String(value)}`));

/** From the SDK's inputs. */
export function firewallWords(inputs: Words): Words {
  const side = (rules: unknown, prefix: "source" | "destination") =>
    lines(
      ((rules ?? []) as readonly Words[]).map((given) => ({
        port: portOf(String(given.protocol), given.portRange as string | undefined),
        places: PLACES.flatMap(([ours, theirs]) =>
          named(theirs, (given[`${prefix}${ours}`] ?? []) as readonly unknown[]),
        ),
      })),
    );
  const ids = inputs.dropletIds as readonly number[] | undefined;
  return {
    name: inputs.name,
    dropletIds: ids && [...ids].sort(),
    inboundRules: side(inputs.inboundRules, "source"),
    outboundRules: side(inputs.outboundRules, "destination"),
  };
}

/** From `GET /v2/firewalls/ID`. @throws where the answer has another shape */
export function firewallFromApi(json: unknown): Words {
  const { firewall } = answer.parse(json);
  const side = (rules: readonly z.output<typeof rule>[] | null | undefined, of: "sources" | "destinations") =>
    lines(
      (rules ?? []).map((given) => ({
        port: portOf(given.protocol, given.ports),
        places: PLACES.flatMap(([, theirs]) => named(theirs, given[of]?.[theirs] ?? [])),
      })),
    );
  return {
    name: firewall.name,
    dropletIds: [...(firewall.droplet_ids ?? [])].sort(),
    inboundRules: side(firewall.inbound_rules, "sources"),
    outboundRules: side(firewall.outbound_rules, "destinations"),
  };
}
