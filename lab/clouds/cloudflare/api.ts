/** Cloudflare's API v4 as far as the house's names need it: zones, and the DNS records in them. */
import { randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";
import { CloudProblem, route, type Body, type CloudReply, type CloudRoute } from "../http";
import type { CloudsWorld, DnsRecordEntry, Zone } from "../world";

type Account = CloudsWorld["cloudflare"];

/** Every answer has the same envelope. */
const done = (result: unknown, more: object = {}): CloudReply => ({
  status: 200,
  json: { result, success: true, errors: [], messages: [], ...more },
});

const refused = (status: number, code: number, message: string): CloudProblem =>
  new CloudProblem(status, { result: null, success: false, errors: [{ code, message }], messages: [] });

export const unauthenticated = (): CloudProblem => refused(403, 10000, "Authentication error");

export const noRoute = (path: string): CloudProblem =>
  refused(404, 7003, `Could not route to ${path}, perhaps your object identifier is invalid?`);

const recordJson = (record: DnsRecordEntry) => {
  const { createdOn, modifiedOn, ...shown } = record;
  const times = { created_on: createdOn, modified_on: modifiedOn };
  return { ...shown, proxiable: record.type === "A", settings: {}, meta: {}, ...times };
};

const page = (items: readonly unknown[]) => ({
  result_info: { page: 1, per_page: 100, count: items.length, total_count: items.length, total_pages: 1 },
});

/** `@` and names without the zone are completed with it; capital letters are no others. */
function fullName(zone: Zone, name: string): string {
  const lower = name.toLowerCase();
  if (lower === "@" || lower === zone.name) return zone.name;
  return lower.endsWith(`.${zone.name}`) ? lower : `${lower}.${zone.name}`;
}

function checked(zone: Zone, { name, type, content, ttl = 1, proxied = false }: Body) {
  if (typeof name !== "string" || name === "") throw refused(400, 9000, "DNS name is invalid.");
  if (typeof type !== "string" || !["A", "CNAME", "TXT"].includes(type))
    throw refused(400, 1004, "DNS Validation Error");
  if (typeof content !== "string" || (type === "A" && !isIPv4(content)))
    throw refused(400, 9005, "Content for A record must be a valid IPv4 address.");
  if (typeof ttl !== "number" || (ttl !== 1 && (ttl < 60 || ttl > 86400)))
    throw refused(400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.");
  if (typeof proxied !== "boolean") throw refused(400, 1004, "DNS Validation Error");
  if (proxied && type === "TXT") throw refused(400, 9004, "This record type cannot be proxied.");
  return { name: fullName(zone, name), type, content, ttl: proxied ? 1 : ttl, proxied };
}

/** @param own id of the record that is being written, where it exists. */
function noClash(zone: Zone, { name, type, content }: DnsRecordEntry, own: string): void {
  const others = Object.values(zone.records).filter((record) => record.name === name && record.id !== own);
  if (others.some((other) => other.type === type && other.content === content))
    throw refused(400, 81058, "An identical record already exists.");
  if (others.some((other) => other.type !== "TXT" && (other.type === "CNAME") !== (type === "CNAME")))
    throw refused(400, 81053, "An A, AAAA, or CNAME record with that host already exists.");
}

function written(zone: Zone, former: DnsRecordEntry | undefined, body: Body): DnsRecordEntry {
  const now = new Date().toISOString();
  const record: DnsRecordEntry = {
    id: former?.id ?? randomBytes(16).toString("hex"),
    createdOn: former?.createdOn ?? now,
    modifiedOn: now,
    ...checked(zone, body),
    comment: typeof body.comment === "string" ? body.comment : null,
    tags: Array.isArray(body.tags) ? body.tags.map(String) : [],
  };
  noClash(zone, record, record.id);
  zone.records[record.id] = record;
  return record;
}

export function cloudflareRoutes({ zones }: Account): CloudRoute[] {
  const zoneOf = (id = ""): Zone => {
    const zone = zones[id];
    if (!zone) throw noRoute(`/zones/${id}`);
    return zone;
  };
  const find = ([zoneId, id = ""]: readonly string[]): { zone: Zone; record: DnsRecordEntry } => {
    const zone = zoneOf(zoneId);
    const record = zone.records[id];
    if (!record) throw refused(404, 81044, "Record does not exist.");
    return { zone, record };
  };
  const base = "/client/v4/zones";
  // What the token may do in the zone stands in its answer.
  const permissions = ["#dns_records:edit", "#dns_records:read", "#zone:read"];
  const zoneJson = ({ id, name }: Zone) => ({ id, name, status: "active", paused: false, type: "full", permissions });
  return [
    route("GET", base, ({ query }) => {
      const found = Object.values(zones).filter(({ name }) => (query.get("name") ?? name) === name);
      return done(found.map(zoneJson), page(found));
    }),
    route("GET", `${base}/:zone`, ({ path: [id] }) => done(zoneJson(zoneOf(id)))),
    route("GET", `${base}/:zone/dns_records`, ({ path: [id], query }) => {
      const found = Object.values(zoneOf(id).records).filter(
        ({ name, type }) => (query.get("name") ?? name) === name && (query.get("type") ?? type) === type,
      );
      return done(found.map(recordJson), page(found));
    }),
    route("POST", `${base}/:zone/dns_records`, ({ path: [id], body }) =>
      done(recordJson(written(zoneOf(id), undefined, body))),
    ),
    route("GET", `${base}/:zone/dns_records/:id`, ({ path }) => done(recordJson(find(path).record))),
    route("PUT", `${base}/:zone/dns_records/:id`, ({ path, body }) => {
      const { zone, record } = find(path);
      return done(recordJson(written(zone, record, body)));
    }),
    route("PATCH", `${base}/:zone/dns_records/:id`, ({ path, body }) => {
      const { zone, record } = find(path);
      return done(recordJson(written(zone, record, { ...record, ...body })));
    }),
    route("DELETE", `${base}/:zone/dns_records/:id`, ({ path }) => {
      const { zone, record } = find(path);
      Reflect.deleteProperty(zone.records, record.id);
      return done({ id: record.id });
    }),
  ];
}
