/** The tunnel's server at DigitalOcean: droplet, firewall, and an address of its own if wanted. Wiring only. */
// The SDK's index would load every resource that DigitalOcean has.
import { Droplet } from "@pulumi/digitalocean/droplet";
import { Firewall } from "@pulumi/digitalocean/firewall";
import { ReservedIp } from "@pulumi/digitalocean/reservedIp";
import * as pulumi from "@pulumi/pulumi";
import type { House } from "../house/schema";
import type { KnownDroplet } from "../house/tunnel";
import { inboundRules, outboundRules } from "./firewallRules";

export interface TunnelServerArgs {
  /** The droplet with everything that it takes; see house/tunnel.ts. */
  readonly droplet: KnownDroplet;
  readonly imported?: NonNullable<House["tunnel"]>["import"];
}

/** A change of any of these makes a new droplet (DigitalOcean can't change them on one that exists). */
const MAKES_A_NEW_ONE = ["image", "region", "sshKeys", "userData", "monitoring"];

/**
 * The droplet's disk holds the tunnel's database: what would force a new droplet is left alone unless the house says
 * `rebuild`, and what leaves the house, or is rebuilt, stays at DigitalOcean until somebody deletes it there.
 */
export class TunnelServer extends pulumi.ComponentResource {
  declare readonly droplet: Droplet;
  declare readonly reservedIp: ReservedIp | undefined;
  /** The address that names point at. */
  declare readonly address: pulumi.Output<string>;

  constructor(name: string, { droplet, imported }: TunnelServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("infinity:house:TunnelServer", name, {}, opts);
    const retained = { parent: this, retainOnDelete: true };
    const { rebuild, reservedIp, ...args } = droplet;
    this.droplet = new Droplet(name, args, {
      ...retained,
      import: imported?.droplet,
      ignoreChanges: rebuild ? [] : MAKES_A_NEW_ONE,
    });
    const dropletId = this.droplet.id.apply(Number);
    const rules = { inboundRules: inboundRules(), outboundRules: outboundRules() };
    new Firewall(
      name,
      { name, dropletIds: [dropletId], ...rules },
      { ...retained, import: imported?.firewall, ignoreChanges: imported?.firewall === undefined ? [] : ["name"] },
    );
    this.reservedIp = reservedIp
      ? new ReservedIp(name, { region: this.droplet.region, dropletId }, { ...retained, import: imported?.reservedIp })
      : undefined;
    this.address = this.reservedIp?.ipAddress ?? this.droplet.ipv4Address;
    this.registerOutputs({ address: this.address });
  }
}
