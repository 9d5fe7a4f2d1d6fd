/**
 * The kinds of resources that a house has in the clouds: what of each is compared, from the program's inputs and from
 * the API's answer. What an API never shows (user data, keys) is not among it. Pure.
 */
import { z } from "zod";
import { firewallFromApi, firewallWords } from "./firewallWords";

/** Values by property, as they are compared and told. */
export type Words = Readonly<Record<string, unknown>>;

/** The engine's type of each. */
export const CLOUD_TYPES = {
  Droplet: "digitalocean:index/droplet:Droplet",
  Firewall: "digitalocean:index/firewall:Firewall",
  ReservedIp: "digitalocean:index/reservedIp:ReservedIp",
  DnsRecord: "cloudflare:index/dnsRecord:DnsRecord",
} as const;

export type CloudKind = keyof typeof CLOUD_TYPES;

export const dropletAnswer = z.object({
  droplet: z.object({
    id: z.number(),
    name: z.string(),
    status: z.string(),
    size_slug: z.string(),
    networks: z.object({ v4: z.array(z.object({ ip_address: z.string(), type: z.string() })) }),
  }),
});

const reservedAnswer = z.object({ reserved_ip: z.object({ droplet: z.object({ id: z.number() }).nullish() }) });

/** One of Cloudflare's DNS records. */
export const dnsRecord = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  content: z.string().optional(),
  ttl: z.number(),
  proxied: z.boolean().optional(),
});

const pick = (inputs: Words, names: readonly string[]): Words =>
  Object.fromEntries(names.map((name) => [name, inputs[name]]));

/** @param inputs as the program gives them, or as the state has them. */
export function wordsOf(kind: CloudKind, inputs: Words): Words {
  switch (kind) {
    case "Droplet":
      // No input says so, and a tunnel's server that is off is no tunnel.
      return { ...pick(inputs, ["name", "size"]), power: "on" };
    case "Firewall":
      return firewallWords(inputs);
    case "ReservedIp":
      return pick(inputs, ["dropletId"]);
    case "DnsRecord":
      return { proxied: false, ...pick(inputs, ["name", "type", "content", "ttl", "proxied"]) };
  }
}

/** @param json of one resource, as its cloud answers. @throws where the answer has another shape */
export function wordsFromApi(kind: CloudKind, json: unknown): Words {
  switch (kind) {
    case "Droplet": {
      const { name, size_slug: size, status } = dropletAnswer.parse(json).droplet;
      return { name, size, power: status === "off" || status === "archive" ? "off" : "on" };
    }
    case "Firewall":
      return firewallFromApi(json);
    case "ReservedIp":
      return { dropletId: reservedAnswer.parse(json).reserved_ip.droplet?.id };
    case "DnsRecord":
      return wordsOf("DnsRecord", dnsRecord.parse(json));
  }
}
