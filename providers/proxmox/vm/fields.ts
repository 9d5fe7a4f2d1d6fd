/**
 * One entry a property that is no slot: how it is read from Proxmox's keys and written to them (PVE 8.4). Reading,
 * writing and comparing all go through this table, so that they can't disagree. Pure.
 */
import { formatSize, parseSize, type Size } from "../../../values/size";
import type { VmSpec } from "./args";
import { cloudInitFromApi, cloudInitToApi } from "./cloudInit";
import type { Config } from "./config";
import { parsePropertyString, printPropertyString } from "./propertyString";

type FieldName = Exclude<
  keyof VmSpec,
  | ("node" | "vmid" | "uuid" | "clone" | "agentAddresses")
  | ("disks" | "nics" | "pci" | "usb" | "power" | "deletable" | "recreate")
>;

interface Field<T> {
  /** Proxmox's keys, for naming what waits for a reboot. */
  readonly keys: readonly string[];
  /** In canonical form. @param like what the house names: its sub-properties, where only these are managed. */
  parse(config: Config, like: T): T | undefined;
  /** Keys to set, and to delete (`null`). @param config what is there: parts the house has no word for are kept. */
  print(value: T, config: Config): Readonly<Record<string, string | null>>;
}

const MIB = 1024 ** 2;
const mib = (size: Size): string => String((parseSize(size) ?? 0) / MIB);
const fromMib = (text: string): Size => formatSize(Number(text) * MIB);

/** Proxmox takes commas, semicolons and blanks between tags; what it stored in `create` it never put in order. */
export const tagList = (text: string): string[] =>
  [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,;]+/)
        .filter((tag) => tag !== ""),
    ),
  ].sort();

/** @param absent what Proxmox does where the key is not there. */
const text = <T extends string>(key: string, absent?: T): Field<T> => ({
  keys: [key],
  parse: (config) => (config[key] as T | undefined) ?? absent,
  print: (value) => ({ [key]: value === "" ? null : value }),
});

const flag = (key: string): Field<boolean> => ({
  keys: [key],
  parse: (config) => config[key] === "1",
  print: (value) => ({ [key]: value ? "1" : "0" }),
});

const list = (key: string, parse: (value: string) => string[], print: (items: readonly string[]) => string) =>
  ({
    keys: [key],
    parse: (config) => parse(config[key] ?? ""),
    print: (items) => ({ [key]: items.length === 0 ? null : print(items) }),
  }) satisfies Field<readonly string[]>;

const memoryText = (config: Config): string => parsePropertyString(config.memory ?? "512", "current").current ?? "512";
const count = (value: string | undefined): number => Number(value ?? "1");
const seconds = (value: string | undefined): number | undefined => (value === undefined ? undefined : Number(value));

const cpu: Field<NonNullable<VmSpec["cpu"]>> = {
  keys: ["cpu", "cores", "sockets", "vcpus", "affinity"],
  parse: (config, like) => ({
    type: like.type === undefined ? undefined : (parsePropertyString(config.cpu ?? "", "cputype").cputype ?? "kvm64"),
    cores: count(config.cores),
    sockets: count(config.sockets) === 1 ? undefined : count(config.sockets),
    affinity: like.affinity === undefined ? undefined : (config.affinity ?? ""),
  }),
  print: ({ type, cores, sockets, affinity }, config) => ({
    ...(type !== undefined && {
      cpu: printPropertyString({ ...parsePropertyString(config.cpu ?? "", "cputype"), cputype: type }, "cputype"),
    }),
    cores: String(cores),
    sockets: String(sockets ?? 1),
    ...(affinity !== undefined && { affinity: affinity === "" ? null : affinity }),
  }),
};

const startup: Field<NonNullable<VmSpec["startup"]>> = {
  keys: ["startup"],
  parse: (config) => {
    const { order, up, down } = parsePropertyString(config.startup ?? "", "order");
    return { order: seconds(order), upDelay: seconds(up), downDelay: seconds(down) };
  },
  print: ({ order, upDelay, downDelay }) => {
    const known = Object.entries({ order, up: upDelay, down: downDelay }).filter(([, value]) => value !== undefined);
    return { startup: printPropertyString(Object.fromEntries(known.map(([k, v]) => [k, String(v)]))) || null };
  },
};

const agent: Field<boolean> = {
  keys: ["agent"],
  parse: (config) => parsePropertyString(config.agent ?? "0", "enabled").enabled === "1",
  print: (value, config) => {
    const options = parsePropertyString(config.agent ?? "", "enabled");
    return { agent: printPropertyString({ ...options, enabled: value ? "1" : "0" }, "enabled") };
  },
};

export const FIELDS: { readonly [K in FieldName]-?: Field<NonNullable<VmSpec[K]>> } = {
  name: text("name"),
  description: {
    ...text("description", ""),
    parse: (config) => (config.description ?? "").replace(/\r\n/g, "\n").replace(/\s+$/, ""),
  },
  tags: list("tags", tagList, (tags) => tags.join(";")),
  cpu,
  memory: {
    keys: ["memory"],
    parse: (config) => fromMib(memoryText(config)),
    print: (size) => ({ memory: mib(size) }),
  },
  balloon: {
    keys: ["balloon"],
    parse: (config) => fromMib(config.balloon ?? memoryText(config)),
    print: (size) => ({ balloon: mib(size) }),
  },
  scsiController: text("scsihw", "lsi"),
  cloudInit: {
    keys: ["ciuser", "sshkeys", "nameserver", "searchdomain"],
    parse: cloudInitFromApi,
    print: cloudInitToApi,
  },
  boot: list(
    "boot",
    (value) => (parsePropertyString(value, "legacy").order ?? "").split(";").filter((slot) => slot.trim() !== ""),
    (slots) => `order=${slots.join(";")}`,
  ),
  agent,
  startAtBoot: flag("onboot"),
  startup,
  protection: flag("protection"),
  osType: text("ostype", "other"),
  machine: {
    keys: ["machine"],
    parse: (config) => parsePropertyString(config.machine ?? "", "type").type,
    print: (type, config) => ({
      machine: printPropertyString({ ...parsePropertyString(config.machine ?? "", "type"), type }, "type"),
    }),
  },
  bios: text("bios", "seabios"),
  args: text("args", ""),
  hookScript: text("hookscript", ""),
};

export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[];

/** The table's entry for a property, as one that takes whatever that property holds. */
export function fieldOf(name: FieldName): Field<NonNullable<VmSpec[FieldName]>> {
  return FIELDS[name];
}
