/** A storage as Proxmox has it, as an entry of the house; or why it is none. Pure. */
import type { LeftOut } from "../../providers/proxmox/adopt/leftOut";
import type { Definition } from "../../providers/proxmox/storage/definition";
import { hostPart, parseNetwork } from "../../values/network";
import { without } from "../../values/without";
import { storageId, storageSection } from "../sections/storage";
import type { Entry, EntryNetwork } from "./vmEntry";

export interface StorageEntry {
  readonly id: string;
  /** Left out where the house can't say what it is. */
  readonly entry?: Entry;
  readonly leftOut: readonly LeftOut[];
}

/** The house's names for Proxmox's keys, by type. */
const FIXED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dir: { path: "path" },
  lvmthin: { volumeGroup: "vgname", thinPool: "thinpool" },
  nfs: { server: "server", export: "export" },
};

/** Proxmox's own bookkeeping, and what follows from the rest. */
const SILENT = new Set(["storage", "type", "digest", "content", "nodes", "disable", "shared"]);
const MOUNT = new Set(["path", "options"]);

const list = (text: unknown): string[] => (typeof text === "string" ? text.split(",").sort() : []);

export function storageEntry(live: Definition, given: EntryNetwork | undefined): StorageEntry {
  const { storage: id, type } = live;
  const fixed = FIXED[type];
  const none = (why: string): StorageEntry => ({ id, leftOut: [{ key: id, value: type, why }] });
  if (!fixed) return none("the house has no word for a storage of this type; it stays, and disks on it can be named");
  const network = given && parseNetwork(given.cidr);
  const values = Object.entries(fixed).map(([name, key]) => {
    const value = String(live[key] ?? "");
    return [name, name === "server" ? ((network && hostPart(network, value)) ?? value) : value] as const;
  });
  let entry: Entry = {
    type,
    ...Object.fromEntries(values),
    ...(live.content === undefined ? {} : { content: list(live.content) }),
    ...(live.nodes === undefined ? {} : { nodes: list(live.nodes) }),
    ...(String(live.disable ?? 0) === "1" && { enabled: false }),
    ...(type === "nfs" && live.options !== undefined && { options: String(live.options) }),
  };
  const said = new Set([...SILENT, ...Object.values(fixed), ...(type === "nfs" ? MOUNT : [])]);
  const left: LeftOut[] = Object.entries(live).flatMap(([key, value]) =>
    said.has(key) || value === undefined ? [] : [{ key, value: String(value), why: "it stays as it is" }],
  );
  const [badId] = storageId.safeParse(id).error?.issues ?? [];
  if (badId) return none(badId.message);
  for (;;) {
    const [issue] = storageSection.safeParse(entry).error?.issues ?? [];
    if (issue === undefined) return { id, entry, leftOut: left };
    const key = String(issue.path[0] ?? "");
    if (key === "" || key === "type" || key in fixed) return none(issue.message);
    left.push({ key, why: issue.message });
    entry = without(entry, [key]);
  }
}
