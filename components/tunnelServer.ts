/** The tunnel's server at DigitalOcean: droplet, firewall, and an address of its own if wanted. Wiring only. */
// The SDK's index would load every resource that DigitalOcean has.
import { Droplet } from "@pulumi/digitalocean/droplet";
import { Firewall } from "@pulumi/digitalocean/firewall";
import { ReservedIp } from "@pulumi/digitalocean/reservedIp";
import * as pulumi from "@pulumi/pulumi";
import type { House } from "../house/schema";
import type { KnownDroplet } from "../house/tunnel";
import { dropletArgs, firewallArgs, ignoredOfDroplet } from "./cloudArgs";

export interface TunnelServerArgs {
  /** The droplet with everything that it takes; see house/tunnel.ts. */
  readonly droplet: KnownDroplet;
  readonly imported?: NonNullable<House["tunnel"]>["import"];
}

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
    this.droplet = new Droplet(name, dropletArgs(droplet), {
      ...retained,
      import: imported?.droplet,
      ignoreChanges: ignoredOfDroplet(droplet),
    });
    const dropletId = this.droplet.id.apply(Number);
    new Firewall(name, firewallArgs(name, dropletId), {
      ...retained,
      import: imported?.firewall,
      // One that is taken over keeps its name.
      ignoreChanges: imported?.firewall === undefined ? [] : ["name"],
    });
    this.reservedIp = droplet.reservedIp
      ? new ReservedIp(name, { region: this.droplet.region, dropletId }, { ...retained, import: imported?.reservedIp })
      : undefined;
    this.address = this.reservedIp?.ipAddress ?? this.droplet.ipv4Address;
    this.registerOutputs({ address: this.address });
  }
}
