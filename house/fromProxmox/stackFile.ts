/**
 * The text of a stack file for what was found on a Proxmox: a house as a person would write it, with a comment for each
 * thing that it leaves out. Pure.
 */
import { Document, isMap, isNode, isScalar, type YAMLMap } from "yaml";
import type { LeftOut } from "../../providers/proxmox/adopt/leftOut";
import { configKey } from "../load";
import type { StorageEntry } from "./storageEntry";
import type { Entry, EntryNetwork, VmEntry } from "./vmEntry";

export interface FoundHouse {
  readonly hypervisor: Entry;
  readonly network?: EntryNetwork;
  readonly storages: readonly StorageEntry[];
  readonly vms: readonly VmEntry[];
  /** Guests that the house doesn't hold. */
  readonly leftOut: readonly LeftOut[];
}

const HEAD = ` yaml-language-server: $schema=schemas/stack.schema.json

 The house as it was found on its Proxmox. Comments say what is left out: it stays as it is.
 Credentials don't stand here: PROXMOX_VE_API_TOKEN, or pulumi config set --secret.`;

/** Longer values are of interest in Proxmox, not here. */
const LONGEST = 100;

function sentence({ key, value, why }: LeftOut): string {
  const shown = value === undefined || value.length <= LONGEST ? value : `${value.slice(0, LONGEST)}...`;
  const text = [key, ...(shown === undefined ? [] : [shown]), why].join(": ");
  return ` ${text.replace(/[\r\n]+/g, " ")}`;
}

const comment = (leftOut: readonly LeftOut[]): string | undefined =>
  leftOut.length === 0 ? undefined : leftOut.map(sentence).join("\n");

/** Maps in which each entry is one line. */
const ONE_LINE = new Set(["disks", "nics"]);

/** Small things on one line, as people write them. */
function layOut(vm: YAMLMap): void {
  for (const { key, value } of vm.items) {
    const name = isScalar(key) ? String(key.value) : "";
    if (["cpu", "tags", "boot", "startup", "content", "nodes"].includes(name) && isNode(value))
      (value as YAMLMap).flow = true;
    if (!ONE_LINE.has(name) || !isMap(value)) continue;
    for (const item of value.items) if (isMap(item.value)) item.value.flow = true;
  }
}

/** An empty line between the entries. */
function apart(map: YAMLMap): void {
  for (const { key } of map.items.slice(1)) if (isScalar(key)) key.spaceBefore = true;
}

/** Storages that some VM has a disk on. */
function storagesInUse(vms: readonly VmEntry[]): ReadonlySet<string> {
  const entries = vms.flatMap(({ entry: { disks = {}, cloudInit } }) => [...Object.values(disks as Entry), cloudInit]);
  return new Set(entries.flatMap((disk) => (disk as { storage?: string } | undefined)?.storage ?? []));
}

/** A content list without disks was changed after the disks were made; named, it would refuse them. */
function storageOf({ entry, id, leftOut }: StorageEntry, used: ReadonlySet<string>): StorageEntry {
  const content = entry?.content;
  if (!entry || !Array.isArray(content) || content.includes("images") || !used.has(id)) return { id, entry, leftOut };
  const { content: told, ...rest } = entry;
  const why = "it holds disks that this list would refuse; it stays as it is";
  return { id, entry: rest, leftOut: [...leftOut, { key: "content", value: content.join(","), why }] };
}

/** The section, or only a comment where disks lie on storages that can't be in it: with a section, all have to be. */
function storagesSection(found: FoundHouse): { section?: Entry; leftOut: LeftOut[] } {
  const used = storagesInUse(found.vms);
  const all = found.storages.map((storage) => storageOf(storage, used));
  const known = all.filter(({ entry }) => entry !== undefined);
  const leftOut = all.flatMap((storage) =>
    storage.leftOut.map((left) => (storage.entry ? { ...left, key: `${storage.id}.${left.key}` } : left)),
  );
  const missing = [...used].filter((id) => !known.some((storage) => storage.id === id));
  if (missing.length === 0 && known.length > 0)
    return { section: Object.fromEntries(known.map(({ id, entry }) => [id, entry])), leftOut };
  const why = `not managed, because VMs have disks on ${missing.join(", ")}, which the house can't declare`;
  return { leftOut: missing.length === 0 ? leftOut : [...leftOut, { key: "storages", why }] };
}

export function stackFile(found: FoundHouse): string {
  const { section, leftOut } = storagesSection(found);
  const sections = {
    ...(found.network && { network: found.network }),
    hypervisor: found.hypervisor,
    ...(section && { storages: section }),
    vms: Object.fromEntries(found.vms.map(({ name, entry }) => [name, entry])),
  };
  const config = Object.fromEntries(Object.entries(sections).map(([name, value]) => [configKey(name), value]));
  const document = new Document({ config });
  document.commentBefore = HEAD;
  const at = (...path: string[]): YAMLMap => document.getIn(["config", ...path]) as YAMLMap;
  const below = (node: YAMLMap, left: readonly LeftOut[]): void => {
    const text = comment(left);
    if (text !== undefined) node.comment = text;
  };
  apart(document.get("config") as YAMLMap);
  apart(at(configKey("vms")));
  if (section) below(at(configKey("storages")), leftOut);
  for (const id of Object.keys(section ?? {})) layOut(at(configKey("storages"), id));
  for (const vm of found.vms) {
    const node = at(configKey("vms"), vm.name);
    layOut(node);
    below(node, vm.leftOut);
  }
  below(at(configKey("vms")), [...found.leftOut, ...(section ? [] : leftOut)]);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
