/** `cloudflare:index/dnsRecord:DnsRecord` on the API: only another zone makes a new one. Imported as `<zone>/<record>`. */
import type { DnsRecordArgs } from "@pulumi/cloudflare/dnsRecord";
import { z } from "zod";
import { cloudResource } from "./resource";
import type { Plain } from "./values";

const TYPES = "A AAAA CAA CERT CNAME DNSKEY DS HTTPS LOC MX NAPTR NS OPENPGPKEY PTR SMIMEA SRV SSHFP SVCB TLSA TXT URI";

const shape = {
  comment: z.string().optional(),
  content: z.string().optional(),
  data: z.strictObject({}).loose().optional(),
  includeShadowMetadata: z.boolean().optional(),
  name: z.string().min(1),
  priority: z.number().min(0).max(65535).optional(),
  privateRouting: z.boolean().optional(),
  proxied: z.boolean().optional(),
  settings: z.strictObject({}).loose().optional(),
  tags: z.array(z.string()).optional(),
  ttl: z.number(),
  type: z.enum(TYPES.split(" ")),
  zoneId: z.string().min(1).max(32),
} satisfies Record<keyof DnsRecordArgs, z.ZodType>;

type Inputs = z.output<z.ZodObject<typeof shape>>;

const body = ({ name, type, content, ttl, proxied, comment, tags }: Inputs): Plain => {
  if (proxied === true && ttl !== 1)
    throw new Error("ttl must be 1 where proxied is true: Cloudflare controls it then");
  return { name, type, content, ttl, proxied: proxied ?? false, comment, tags };
};

const folder = (zone: string): string => `/zones/${zone}/dns_records`;

export const dnsRecordResource = cloudResource({
  token: "cloudflare:index/dnsRecord:DnsRecord",
  shape,
  lacking: ["data", "includeShadowMetadata", "priority", "privateRouting", "settings"],
  replaceOn: ["zoneId"],
  computed: ["proxied", "tags"],
  outputs: ["createdOn", "meta", "modifiedOn", "proxiable"],
  create: async (rest, inputs) => {
    const answer = await rest.call("POST", folder(inputs.zoneId), body(inputs));
    return String((answer.result as Plain).id);
  },
  read: async (rest, id, { zoneId }) => {
    const [first = "", second] = id.split("/");
    const [zone, record] = second === undefined ? [zoneId as string, first] : [first, second];
    const answer = await rest.find(`${folder(zone)}/${record}`);
    if (!answer) return undefined;
    const found = answer.result as Plain;
    const { name, type, content, ttl, proxied, comment, proxiable } = found;
    const tags = found.tags as readonly string[];
    const inputs = {
      ...{ zoneId: zone, name, type, content, ttl, proxied },
      ...(comment === null ? {} : { comment }),
      ...(tags.length > 0 ? { tags } : {}),
    };
    const times = { createdOn: found.created_on, modifiedOn: found.modified_on };
    return { id: record, inputs, outputs: { ...times, meta: JSON.stringify(found.meta), proxiable } };
  },
  update: async (rest, id, inputs) => {
    await rest.call("PUT", `${folder(inputs.zoneId)}/${id}`, body(inputs));
  },
  remove: async (rest, id, { zoneId }) => {
    await rest.call("DELETE", `${folder(String(zoneId))}/${id}`);
  },
});
