/** The house's names at Cloudflare, all pointing at the tunnel's server. Wiring only. */
import { DnsRecord } from "@pulumi/cloudflare/dnsRecord";
import * as pulumi from "@pulumi/pulumi";
import type { WantedName } from "../house/tunnel";
import { recordArgs } from "./cloudArgs";

export interface NamesArgs {
  /** Cloudflare's id of the zone. */
  readonly zone: string;
  readonly names: readonly WantedName[];
  readonly address: pulumi.Input<string>;
  /** Ids of records that exist, by label. */
  readonly imported?: Readonly<Record<string, string>>;
}

export class Names extends pulumi.ComponentResource {
  /** Addresses by name. */
  declare readonly addresses: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(domain: string, { zone, names, address, imported }: NamesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("infinity:house:Names", domain, {}, opts);
    const records = names.map(({ label, name }) => {
      const record = imported?.[label];
      const args = recordArgs(zone, name, address);
      const options = { parent: this, import: record === undefined ? undefined : `${zone}/${record}` };
      return [name, new DnsRecord(name, args, options).content] as const;
    });
    this.addresses = Object.fromEntries(records);
    this.registerOutputs({});
  }
}
