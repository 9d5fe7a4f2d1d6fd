/** Property strings of a VM's configuration: NIC, CPU, agent, cloud-init and the rest (PVE 8.4). Pure. */
import { flag, formats, integer, text } from "../wire/formats";
import type { Property, PropertyFormat } from "../wire/properties";
import type { Format } from "../wire/schema";

const number: Property = { type: "number" };
const onOff = (...values: string[]): Property => text({ values });

const NET_MODELS = [
  ...["e1000", "e1000-82540em", "e1000-82544gc", "e1000-82545em", "e1000e", "i82551", "i82557b", "i82559er"],
  ...["ne2k_isa", "ne2k_pci", "pcnet", "rtl8139", "virtio", "vmxnet3"],
];
const RANGES = /^\d+(?:-\d+)?(?:;\d+(?:-\d+)?)*$/;

export const netFormat: PropertyFormat = {
  ...Object.fromEntries(
    NET_MODELS.map((name) => [name, { type: "string", alias: "macaddr", keyAlias: "model" } as const]),
  ),
  model: { type: "string", values: NET_MODELS, defaultKey: true, required: true },
  macaddr: text({ format: formats.mac }),
  bridge: text({ format: formats.bridge }),
  firewall: flag,
  link_down: flag,
  mtu: integer({ minimum: 1, maximum: 65520 }),
  queues: integer({ minimum: 0, maximum: 64 }),
  rate: { type: "number", minimum: 0 },
  tag: integer({ minimum: 1, maximum: 4094 }),
  trunks: text({ pattern: RANGES }),
};

const CPU_MODELS =
  /^(host|max|kvm(32|64)|qemu(32|64)|x86-64-v[234](-AES)?|486|athlon|core(2?duo)|pentium[23]?|phenom|Broadwell.*|Cascadelake.*|Conroe|Cooperlake.*|EPYC.*|Haswell.*|Icelake.*|IvyBridge.*|KnightsMill|Nehalem.*|Opteron_G[1-5]|Penryn|SandyBridge.*|SapphireRapids.*|GraniteRapids.*|Skylake.*|Westmere.*)$/;

export const cpuFormat: PropertyFormat = {
  cputype: { type: "string", defaultKey: true },
  "reported-model": text(),
  hidden: flag,
  "hv-vendor-id": text({ pattern: /^[a-zA-Z0-9]{1,12}$/ }),
  flags: text({ pattern: /^[+-][a-zA-Z0-9\-_]+(;[+-][a-zA-Z0-9\-_]+)*$/ }),
  "phys-bits": text({ pattern: /^(host|\d{1,2})$/ }),
};

/** A model that no host has is a format error of its own, after the string itself is fine. */
export const cpuModelCheck: Format = (value) => {
  const type = /(?:^|,)(?:cputype=)?([^=,]+)(?:,|$)/.exec(value)?.[1];
  if (type === undefined) return "CPU is missing cputype\n";
  if (type.startsWith("custom-")) return `Custom cputype '${type.slice(7)}' not found\n`;
  return CPU_MODELS.test(type) ? undefined : `Built-in cputype '${type}' is not defined (missing 'custom-' prefix?)\n`;
};

const MACHINE =
  /^(pc|pc(-i440fx)?-\d+(\.\d+)+(\+pve\d+)?(\.pxe)?|q35|pc-q35-\d+(\.\d+)+(\+pve\d+)?(\.pxe)?|virt(?:-\d+(\.\d+)+)?(\+pve\d+)?)$/;
const USB_HOST = /^((0x)?[0-9A-Fa-f]{4}:(0x)?[0-9A-Fa-f]{4}|\d+-\d+(\.\d+)*|spice)$/i;

export const agentFormat: PropertyFormat = {
  enabled: { ...flag, defaultKey: true, required: true },
  "freeze-fs-on-backup": flag,
  fstrim_cloned_disks: flag,
  type: onOff("virtio", "isa"),
};
const BOOTABLE = /^((ide|scsi|virtio|sata|net|usb|hostpci)\d+)$/;
const bootDevices: Format = (value) => {
  const wrong = value.split(";").find((device) => device !== "" && !BOOTABLE.test(device));
  return wrong === undefined ? undefined : `invalid boot device '${wrong}'\n`;
};

export const bootFormat: PropertyFormat = {
  legacy: { type: "string", defaultKey: true, pattern: /^[acdn]{1,4}$/ },
  order: text({ format: bootDevices }),
};
export const smallFormats = {
  memory: { current: { ...integer({ minimum: 16 }), defaultKey: true, required: true } },
  machine: {
    type: { type: "string", defaultKey: true, maxLength: 40, pattern: MACHINE },
    viommu: onOff("intel", "virtio"),
    "enable-s3": flag,
    "enable-s4": flag,
  },
  vga: {
    type: {
      ...text({
        values: [
          "cirrus",
          "qxl",
          "qxl2",
          "qxl3",
          "qxl4",
          "none",
          "serial0",
          "serial1",
          "serial2",
          "serial3",
          "std",
          "virtio",
          "virtio-gl",
          "vmware",
        ],
      }),
      defaultKey: true,
    },
    memory: integer({ minimum: 4, maximum: 512 }),
    clipboard: onOff("vnc"),
  },
  numa: {
    cpus: text({ pattern: RANGES, required: true }),
    hostnodes: text({ pattern: RANGES }),
    memory: number,
    policy: onOff("preferred", "bind", "interleave"),
  },
  ipconfig: {
    ip: text({ format: formats.ipv4Config }),
    gw: text({ format: formats.ipv4, requires: "ip" }),
    ip6: text({ format: formats.ipv6Config }),
    gw6: text({ format: formats.ipv6, requires: "ip6" }),
  },
  smbios1: {
    uuid: text({ pattern: /^[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}$/ }),
    base64: flag,
    ...Object.fromEntries(
      ["family", "manufacturer", "product", "serial", "sku", "version"].map((key) => [
        key,
        text({ pattern: /^[A-Za-z0-9+/]+={0,2}$/ }),
      ]),
    ),
  },
  usb: {
    host: { type: "string", defaultKey: true, pattern: USB_HOST },
    mapping: text({ format: formats.configId }),
    usb3: flag,
  },
  hostpci: {
    host: { type: "string", defaultKey: true },
    mapping: text({ format: formats.configId }),
    ...Object.fromEntries(["pcie", "rombar", "x-vga", "legacy-igd"].map((key) => [key, flag])),
    ...Object.fromEntries(
      ["romfile", "mdev", "device-id", "sub-device-id", "sub-vendor-id", "vendor-id"].map((key) => [key, text()]),
    ),
  },
  rng: {
    source: { ...onOff("/dev/urandom", "/dev/random", "/dev/hwrng"), defaultKey: true, required: true },
    max_bytes: integer(),
    period: integer(),
  },
  watchdog: {
    model: { ...onOff("i6300esb", "ib700"), defaultKey: true },
    action: onOff("reset", "shutdown", "poweroff", "pause", "debug", "none"),
  },
  audio: {
    device: { ...onOff("ich9-intel-hda", "intel-hda", "AC97"), required: true },
    driver: onOff("spice", "none"),
  },
  cicustom: Object.fromEntries(
    ["meta", "network", "user", "vendor"].map((key) => [key, text({ format: formats.volumeId })]),
  ),
  ivshmem: { size: integer({ minimum: 1, required: true }), name: text({ pattern: /^[a-zA-Z0-9-]+$/ }) },
  spice: { foldersharing: flag, videostreaming: onOff("off", "all", "filter") },
} satisfies Record<string, PropertyFormat>;
