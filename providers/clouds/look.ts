/** Looks at what a house has in the clouds. Sends nothing but GET; a zone's records are listed once for all of them. */
import { z } from "zod";
import { cloudAccess } from "./access";
import { dnsRecord, dropletAnswer, wordsFromApi, type CloudKind, type Words } from "./kinds";
import { cloudReader, type CloudReader } from "./reader";

export type DnsRecord = z.output<typeof dnsRecord>;
export type FoundDroplet = z.output<typeof dropletAnswer>["droplet"];

const recordsPage = z.object({
  result: z.array(dnsRecord),
  result_info: z.object({ total_pages: z.number() }).optional(),
});
const dropletsPage = z.object({
  droplets: z.array(dropletAnswer.shape.droplet),
  links: z.object({ pages: z.object({ next: z.string().optional() }).optional() }).optional(),
});

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

async function allDroplets(read: CloudReader): Promise<readonly FoundDroplet[]> {
  const found: FoundDroplet[] = [];
  for (let page = 1; ; page++) {
    const answer = dropletsPage.parse(await read(`/v2/droplets?per_page=${PAGE.digitalocean}&page=${page}`));
    found.push(...answer.droplets);
    if (answer.links?.pages?.next === undefined) return found;
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
    droplets: () => allDroplets(digitalocean),
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
