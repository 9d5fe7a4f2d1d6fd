/** Every key that a VM's configuration may have, as parameters of create and update (PVE 8.4). Pure. */
import { flag, formats, integer, listOf, text } from "../wire/formats";
import { propertyCheck, type PropertyFormat } from "../wire/properties";
import type { Field, Fields, Format } from "../wire/schema";
import { agentFormat, bootFormat, cpuFormat, cpuModelCheck, netFormat, smallFormats } from "./formats";
import { driveFormats } from "./driveFormats";
import { keysOf } from "./volumeKeys";

const properties = (format: PropertyFormat): Field => text({ format: propertyCheck(format) });
const repeated = (prefix: string, count: number, field: Field): [string, Field][] =>
  keysOf(prefix, count).map((key) => [key, field]);
const drive = (prefix: string): Field => properties(driveFormats[prefix] ?? {});

const cpuCheck: Format = (value, path) => propertyCheck(cpuFormat)(value, path) ?? cpuModelCheck(value, path);

const OS = ["other", "wxp", "w2k", "w2k3", "w2k8", "wvista", "win7", "win8", "win10", "win11", "l24", "l26", "solaris"];
const LOCKS = [
  "backup",
  "clone",
  "create",
  "migrate",
  "rollback",
  "snapshot",
  "snapshot-delete",
  "suspending",
  "suspended",
];
const KEYBOARDS =
  "de de-ch da en-gb en-us es fi fr fr-be fr-ca fr-ch hu is it ja lt mk nl no pl pt pt-br sv sl tr".split(" ");
const UUID = /^(?:[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}|[01])$/;

const processors: Fields = {
  cores: integer({ minimum: 1 }),
  sockets: integer({ minimum: 1 }),
  smp: integer({ minimum: 1 }),
  vcpus: integer({ minimum: 1 }),
  cpu: text({ format: cpuCheck }),
  cpulimit: { type: "number", minimum: 0, maximum: 128 },
  cpuunits: integer({ minimum: 1, maximum: 262144 }),
  affinity: text({ format: formats.cpuSet }),
  numa: flag,
  ...Object.fromEntries(repeated("numa", 8, properties(smallFormats.numa))),
};

const memory: Fields = {
  memory: properties(smallFormats.memory),
  balloon: integer({ minimum: 0 }),
  shares: integer({ minimum: 0, maximum: 50000 }),
  hugepages: text({ values: ["any", "2", "1024"] }),
  keephugepages: flag,
};

const general: Fields = {
  name: text({ format: formats.dnsName }),
  description: text({ maxLength: 8192 }),
  tags: text({ format: listOf(formats.tag) }),
  onboot: flag,
  autostart: flag,
  startup: text({ format: formats.startup }),
  protection: flag,
  template: flag,
  agent: properties(agentFormat),
  ostype: text({ values: OS }),
  lock: text({ values: LOCKS }),
  hookscript: text({ format: formats.volumeId }),
  args: text(),
  boot: properties(bootFormat),
  bootdisk: text({ pattern: /^(ide|sata|scsi|virtio)\d+$/ }),
  reboot: flag,
  freeze: flag,
  tdf: flag,
  localtime: flag,
  startdate: text({ pattern: /^(now|\d{4}-\d{1,2}-\d{1,2}(T\d{1,2}:\d{1,2}:\d{1,2})?)$/ }),
  migrate_downtime: { type: "number", minimum: 0 },
  migrate_speed: integer({ minimum: 0 }),
  vmstatestorage: text({ format: formats.storageId }),
};

const hardware: Fields = {
  acpi: flag,
  arch: text({ values: ["x86_64", "aarch64"] }),
  "amd-sev": text(),
  audio0: properties(smallFormats.audio),
  bios: text({ values: ["seabios", "ovmf"] }),
  hotplug: text({ format: formats.hotplug }),
  ivshmem: properties(smallFormats.ivshmem),
  keyboard: text({ values: KEYBOARDS }),
  kvm: flag,
  machine: properties(smallFormats.machine),
  rng0: properties(smallFormats.rng),
  scsihw: text({ values: ["lsi", "lsi53c810", "virtio-scsi-pci", "virtio-scsi-single", "megasas", "pvscsi"] }),
  smbios1: { ...properties(smallFormats.smbios1), maxLength: 512 },
  spice_enhancements: properties(smallFormats.spice),
  tablet: flag,
  vga: properties(smallFormats.vga),
  vmgenid: text({ pattern: UUID }),
  watchdog: properties(smallFormats.watchdog),
  ...Object.fromEntries([
    ...repeated("hostpci", 16, properties(smallFormats.hostpci)),
    ...repeated("usb", 14, properties(smallFormats.usb)),
    ...repeated("serial", 4, text({ pattern: /^(\/dev\/.+|socket)$/ })),
    ...repeated("parallel", 3, text({ pattern: /^(\/dev\/parport\d+|\/dev\/usb\/lp\d+)$/ })),
    ...repeated("net", 32, properties(netFormat)),
  ]),
};

const disks: Fields = Object.fromEntries([
  ...repeated("ide", 4, drive("ide")),
  ...repeated("scsi", 31, drive("scsi")),
  ...repeated("virtio", 16, drive("virtio")),
  ...repeated("sata", 6, drive("sata")),
  ...repeated("unused", 256, drive("unused")),
  ["efidisk0", drive("efidisk")],
  ["tpmstate0", drive("tpmstate")],
]);

const cloudinit: Fields = {
  cicustom: properties(smallFormats.cicustom),
  cipassword: text(),
  citype: text({ values: ["configdrive2", "nocloud", "opennebula"] }),
  ciupgrade: flag,
  ciuser: text(),
  nameserver: text({ format: listOf(formats.address) }),
  searchdomain: text(),
  sshkeys: text({ format: formats.urlEncoded }),
  ...Object.fromEntries(repeated("ipconfig", 32, properties(smallFormats.ipconfig))),
};

/** Keys of the configuration itself. */
export const configFields: Fields = { ...processors, ...memory, ...general, ...hardware, ...disks, ...cloudinit };

/** Keys that only stand in the file, set by the server. */
const SERVER_KEYS = new Set(["meta", "digest", "vmstate", "snaptime", "parent", "runningmachine", "runningcpu"]);

export const optionExists = (key: string): boolean => key in configFields || SERVER_KEYS.has(key);

/** `cdrom` is another name of `ide2`. */
export const CDROM_ALIAS: Fields = { cdrom: drive("ide") };

/** A value as `GET config` shows it: integers and booleans are numbers, everything else stays text. */
export function typedValue(key: string, value: string): string | number {
  const type = configFields[key]?.type;
  return type === "integer" || type === "boolean" ? Number(value) : value;
}
