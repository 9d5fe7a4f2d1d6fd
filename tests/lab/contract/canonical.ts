/**
 * An answer without what the real server itself answers differently when asked twice: lists and sets in one order,
 * times and readings of gauges reduced to their type. This table is the whole of what is masked; random names
 * (names.ts) are compared by who stands for whom. Pure.
 */
import type { Json } from "./exchange";
import { skeleton } from "./names";

type Entry = Readonly<Record<string, Json>>;

/** Times and process ids, in any answer. */
const times = ["pid", "pstart", "starttime", "endtime", "uptime", "ctime"];
/** Gauges of a guest; `balloon` is one in a running guest's status only (what it has now). */
const guestGauges = [
  "cpu",
  "mem",
  "freemem",
  "netin",
  "netout",
  "diskread",
  "diskwrite",
  "blockstat",
  "nics",
  "ballooninfo",
];
/** Gauges and hardware of the host and its storages: the size of somebody else's disk is no behaviour. */
const hostGauges = [
  "cpu",
  "mem",
  "maxmem",
  "disk",
  "maxdisk",
  "used",
  "avail",
  "total",
  "used_fraction",
  "ssl_fingerprint",
];
/** Of these, what is text; a text of another such name is a setting (`cpu`), not a gauge. */
const texts = ["ctime", "ssl_fingerprint", "running-qemu", "running-machine", "digest"];
/** The recordings' host ran another build of QEMU than Proxmox's own. */
const hostBuild = ["running-qemu", "running-machine"];
/** `storage.cfg` is written in the order of a hash: the same definitions have many digests. */
const storageDigest = ["digest"];
/** Allocated blocks of a sparse file. */
const volumeGauges = ["used"];
/** Comma-separated sets, printed in the order of a hash. */
const sets = ["content", "nodes"];
/** What tells the entries of a list apart, most telling first. */
const identities = ["key", "volid", "id", "vmid", "storage", "subdir", "node", "n"];

/** The answer in its canonical form, for comparing and for printing a difference. */
export function canonical(value: Json): Json {
  if (isList(value)) return sorted(value.map(canonical));
  if (!isEntry(value)) return typeof value === "string" ? value.replace(/ctime=\d+/g, "ctime=<time>") : value;
  const masked = maskedKeys(value);
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonicalField(key, value[key] ?? null, masked)]),
  );
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isEntry(value: Json): value is Entry {
  return typeof value === "object" && value !== null && !isList(value);
}

function canonicalField(key: string, value: Json, masked: ReadonlySet<string>): Json {
  if (masked.has(key) && (typeof value !== "string" || texts.includes(key)))
    return value === null ? null : `<${typeof value}>`;
  return sets.includes(key) && typeof value === "string" ? value.split(",").sort().join(",") : canonical(value);
}

function maskedKeys(entry: Entry): ReadonlySet<string> {
  if ("volid" in entry) return new Set([...times, ...volumeGauges]);
  const isHost = entry.type === "node" || entry.type === "storage" || "avail" in entry || "used_fraction" in entry;
  if (isHost) return new Set([...times, ...hostGauges]);
  if ("storage" in entry) return new Set([...times, ...storageDigest]);
  return new Set([...times, ...guestGauges, ...hostBuild, ...(entry.status === "running" ? ["balloon"] : [])]);
}

function sorted(list: readonly Json[]): Json[] {
  return list
    .map((value) => [orderOf(value), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, value]) => value);
}

function orderOf(value: Json): string {
  if (!isEntry(value)) return JSON.stringify(value);
  const key = identities.find((name) => value[name] !== undefined);
  return (key === undefined ? "" : JSON.stringify(value[key])) + skeleton(JSON.stringify(value));
}
