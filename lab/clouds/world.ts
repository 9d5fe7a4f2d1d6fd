/** What the lab's clouds hold: an account of DigitalOcean and one of Cloudflare, as plain data. Types, and the start. */

export interface DropletRecord {
  readonly id: number;
  name: string;
  size: string;
  readonly region: string;
  /** Slug, or number as text. */
  readonly image: string;
  readonly sshKeys: readonly (string | number)[];
  /** Given at creation and never shown again, as by the real API. */
  readonly userData?: string;
  readonly features: readonly string[];
  readonly tags: readonly string[];
  readonly ipv4: string;
  readonly createdAt: string;
  /** Unix milliseconds from which on it is active. */
  readonly activeAt: number;
  off: boolean;
}

export interface FirewallRule {
  readonly protocol: string;
  readonly ports: string;
  readonly sources?: Readonly<Record<string, unknown>>;
  readonly destinations?: Readonly<Record<string, unknown>>;
}

export interface FirewallRecord {
  readonly id: string;
  readonly createdAt: string;
  name: string;
  inbound: readonly FirewallRule[];
  outbound: readonly FirewallRule[];
  dropletIds: readonly number[];
  tags: readonly string[];
}

export interface ReservedIpRecord {
  readonly ip: string;
  readonly region: string;
  dropletId?: number;
}

export interface DnsRecordEntry {
  readonly id: string;
  readonly createdOn: string;
  modifiedOn: string;
  name: string;
  type: string;
  content: string;
  ttl: number;
  proxied: boolean;
  comment: string | null;
  tags: readonly string[];
}

export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly records: Record<string, DnsRecordEntry>;
}

export interface CloudsWorld {
  readonly digitalocean: {
    readonly token: string;
    readonly sshKeys: readonly { readonly id: number; readonly fingerprint: string; readonly name: string }[];
    readonly droplets: Record<string, DropletRecord>;
    readonly firewalls: Record<string, FirewallRecord>;
    readonly reservedIps: Record<string, ReservedIpRecord>;
    /** Actions that were asked for; all of them are done at once. */
    readonly actions: Record<string, { readonly id: number; readonly type: string; readonly resource: number }>;
    nextId: number;
    /** Last part of the next address, in a network that is for documentation (RFC 5737). */
    nextHost: number;
  };
  readonly cloudflare: { readonly token: string; readonly zones: Record<string, Zone> };
}

/** What the lab's house names: its accounts' tokens, its one SSH key, its one zone. The real plugin wants a token of 40. */
export const LAB_CLOUDS = {
  digitaloceanToken: "lab",
  cloudflareToken: "lab0000000000000000000000000000000000000",
  sshKey: 512189,
  zone: "1ab0000000000000000000000000da7a",
  domain: "infinity-node.com",
} as const;

export function newClouds(): CloudsWorld {
  const { digitaloceanToken, cloudflareToken, sshKey, zone, domain } = LAB_CLOUDS;
  return {
    digitalocean: {
      token: digitaloceanToken,
      sshKeys: [{ id: sshKey, fingerprint: "3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa", name: "lab" }],
      droplets: {},
      firewalls: {},
      reservedIps: {},
      actions: {},
      nextId: 3164494,
      nextHost: 10,
    },
    cloudflare: { token: cloudflareToken, zones: { [zone]: { id: zone, name: domain, records: {} } } },
  };
}
