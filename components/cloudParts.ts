/**
 * What of the house is in the clouds, part by part and as plain data: for looking at it without the engine. The same
 * names and arguments as components/clouds.ts declares. Pure.
 */
import type { House } from "../house/schema";
import { knownDroplet, wantedNames } from "../house/tunnel";
import type { CloudKind } from "../providers/clouds/kinds";
import { dropletArgs, firewallArgs, ignoredOfDroplet, recordArgs } from "./cloudArgs";

export interface CloudPart {
  readonly kind: CloudKind;
  /** Of the resource, in the program. */
  readonly name: string;
  /** `name films.infinity-node.com` */
  readonly title: string;
  /** What the program asks; what follows from a droplet that is not known is left out. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Inputs that a change of the house leaves alone. */
  readonly ignored: readonly string[];
  /** The cloud's id of the one that exists and is to be taken over. */
  readonly imported?: string;
  /** Where that id stands in the house: `tunnel.import.names.films`. */
  readonly importKey: string;
  /** Cloudflare's id of a record's zone. */
  readonly zone?: string;
}

/** What the clouds gave out, as far as it is known. */
export interface CloudRecords {
  readonly dropletId?: number;
  readonly dropletAddress?: string;
  readonly reservedAddress?: string;
}

export function cloudParts(house: House, records: CloudRecords): CloudPart[] {
  const { tunnel, domain } = house;
  if (!tunnel || domain === undefined) return [];
  const { endpoint, zone, server, import: imported } = tunnel;
  const droplet = knownDroplet(house);
  const { dropletId, dropletAddress, reservedAddress } = records;
  const described = droplet?.reservedIp ? reservedAddress : dropletAddress;
  const address = droplet ? described : server;
  const names = zone === undefined ? [] : wantedNames(house);
  return [
    ...(droplet ? serverParts(endpoint, droplet, imported, dropletId) : []),
    ...names.map(({ label, name }): CloudPart => {
      const inputs = recordArgs(zone ?? "", name, address);
      const known = { kind: "DnsRecord", name, title: `name ${name}`, inputs, ignored: [], zone } as const;
      return { ...known, imported: imported?.names?.[label], importKey: `tunnel.import.names.${label}` };
    }),
  ];
}

function serverParts(
  name: string,
  droplet: NonNullable<ReturnType<typeof knownDroplet>>,
  imported: NonNullable<House["tunnel"]>["import"],
  dropletId: number | undefined,
): CloudPart[] {
  const { dropletIds, ...rules } = firewallArgs(name, dropletId);
  const attached = dropletId === undefined ? {} : { dropletIds };
  const part = (kind: CloudKind, what: string, key: "droplet" | "firewall" | "reservedIp") => ({
    ...{ kind, name, title: `${what} ${name}`, importKey: `tunnel.import.${key}`, imported: imported?.[key] },
  });
  return [
    {
      ...part("Droplet", "droplet", "droplet"),
      inputs: dropletArgs(droplet),
      ignored: ignoredOfDroplet(droplet),
    },
    {
      ...part("Firewall", "firewall", "firewall"),
      inputs: { ...rules, ...attached },
      // One that is taken over keeps its name.
      ignored: imported?.firewall === undefined ? [] : ["name"],
    },
    ...(droplet.reservedIp
      ? [{ ...part("ReservedIp", "reserved address of", "reservedIp"), inputs: { dropletId }, ignored: [] }]
      : []),
  ];
}
