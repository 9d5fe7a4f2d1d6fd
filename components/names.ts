/** The house's names at Cloudflare, all pointing at the tunnel's server. Wiring only. */
import { DnsRecord } from "@pulumi/cloudflare/dnsRecord";
import * as pulumi from "@pulumi/pulumi";
import type { WantedName } from "../house/tunnel";

export interface NamesArgs {
  /** Cloudflare's id of the zone. */
  readonly zone: string;
  readonly names: readonly WantedName[];
  readonly address: pulumi.Input<string>;
  /** Ids of records that exist, by label. */
  readonly imported?: Readonly<Record<string, string>>;
}

/** Automatic: Cloudflare's word for 300 s. */
const TTL = 1;

export class Names extends pulumi.ComponentResource {
  /** Addresses by name. */
  declare readonly addresses: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(domain: string, { zone, names, address, imported }: NamesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("infinity:house:Names", domain, {}, opts);
    const records = names.map(({ label, name }) => {
      const record = imported?.[label];
      const args = { zoneId: zone, name, type: "A", content: address, ttl: TTL, proxied: false };
      // Not proxied: the tunnel is WireGuard as well as HTTPS, and has certificates of its own.
      const options = { parent: this, import: record === undefined ? undefined : `${zone}/${record}` };
      return [name, new DnsRecord(name, args, options).content] as const;
    });
    this.addresses = Object.fromEntries(records);
    this.registerOutputs({});
  }
}
