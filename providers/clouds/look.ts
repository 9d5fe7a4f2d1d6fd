/** Looks at what a house has in the clouds. Sends nothing but GET; a zone's records are listed once for all of them. */
import { z } from "zod";
import { cloudAccess } from "./access";
import { dnsRecord, dropletAnswer, wordsFromApi, type CloudKind, type Words } from "./kinds";
import { cloudReader, type CloudReader } from "./reader";

const place = z.object({ slug: z.string() });
const listedRecord = dnsRecord.extend({ created_on: z.string().optional() });
const listedDroplet = dropletAnswer.shape.droplet.extend({ created_at: z.string(), region: place });
const listedFirewall = z.object({ id: z.string(), name: z.string(), created_at: z.string() });
const listedReserved = z.object({
  ip: z.string(),
  region: place,
  droplet: z.object({ id: z.number() }).nullish(),
});

export type DnsRecord = z.output<typeof listedRecord>;
export type FoundDroplet = z.output<typeof listedDroplet>;
export type FoundFirewall = z.output<typeof listedFirewall>;
export type FoundReservedIp = z.output<typeof listedReserved>;

const recordsPage = z.object({
  result: z.array(listedRecord),
  result_info: z.object({ total_pages: z.number() }).optional(),
});
const links = z.object({ pages: z.object({ next: z.string().optional() }).optional() }).optional();

const PATHS: Readonly<Record<Exclude<CloudKind, "DnsRecord">, string>> = {
  Droplet: "/v2/droplets/",
  Firewall: "/v2/firewalls/",
  ReservedIp: "/v2/reserved_ips/",
};

/** Cloudflare's largest page that every plan has, and DigitalOcean's. */
const PAGE = { cloudflare: 1000, digitalocean: 200 };

export interface CloudsLook {
  /**
   * @param id as the state has it. @param zone of a DNS record.
   * @returns `undefined` where the cloud says that it is not there.
   * @throws CloudError where that can't be known
   */
  live(kind: CloudKind, id: string, zone?: string): Promise<Words | undefined>;
  /** All records of a zone. */
  records(zone: string): Promise<readonly DnsRecord[]>;
  droplets(): Promise<readonly FoundDroplet[]>;
  firewalls(): Promise<readonly FoundFirewall[]>;
  reservedIps(): Promise<readonly FoundReservedIp[]>;
}

async function allRecords(read: CloudReader, zone: string): Promise<readonly DnsRecord[]> {
  const found: DnsRecord[] = [];
  for (let page = 1; ; page++) {
    const path = `/zones/${zone}/dns_records?per_page=${PAGE.cloudflare}&page=${page}`;
    const answer = await read(path);
    if (answer === undefined) throw new Error(`zone ${zone}: Cloudflare knows none of this id, or shows it not`);
    const { result, result_info: info } = recordsPage.parse(answer);
    found.push(...result);
    if (page >= (info?.total_pages ?? 1)) return found;
  }
}

/** @param key of the list, in the path and in the answer. */
async function listed<Item>(read: CloudReader, key: string, item: z.ZodType<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  const items = z.array(item).nullish();
  for (let page = 1; ; page++) {
    const answer = await read(`/v2/${key}?per_page=${PAGE.digitalocean}&page=${page}`);
    const { [key]: list, links: more } = z.looseObject({ links }).parse(answer);
    found.push(...(items.parse(list) ?? []));
    if (more?.pages?.next === undefined) return found;
  }
}

/** @param config of the stack, secrets in clear. @param env the user's own. */
export function cloudsLook(config: Readonly<Record<string, string | undefined>>, env: NodeJS.ProcessEnv): CloudsLook {
  const digitalocean = cloudReader("digitalocean", cloudAccess("digitalocean", config, env));
  const cloudflare = cloudReader("cloudflare", cloudAccess("cloudflare", config, env));
  const zones = new Map<string, Promise<readonly DnsRecord[]>>();
  const records: CloudsLook["records"] = (zone) => {
    const listing = zones.get(zone) ?? allRecords(cloudflare, zone);
    zones.set(zone, listing);
    return listing;
  };
  return {
    records,
    droplets: () => listed(digitalocean, "droplets", listedDroplet),
    firewalls: () => listed(digitalocean, "firewalls", listedFirewall),
    reservedIps: () => listed(digitalocean, "reserved_ips", listedReserved),
    live: async (kind, id, zone = "") => {
      if (kind !== "DnsRecord") {
        const json = await digitalocean(`${PATHS[kind]}${encodeURIComponent(id)}`);
        return json === undefined ? undefined : wordsFromApi(kind, json);
      }
      const record = (await records(zone)).find((one) => one.id === id);
      return record && wordsFromApi(kind, record);
    },
  };
}
