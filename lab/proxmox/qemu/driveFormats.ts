/** The fields of a drive's property string, per kind of slot (PVE 8.4). Pure. */
import { flag, formats, integer, text } from "../wire/formats";
import type { Property, PropertyFormat } from "../wire/properties";

const number: Property = { type: "number" };
const length: Property = integer({ minimum: 1 });
const onOff = (...values: string[]): Property => text({ values });

const volume: PropertyFormat = {
  file: { type: "string", defaultKey: true, required: true, format: formats.volumeOrDevice },
  volume: { type: "string", alias: "file" },
  size: text({ format: formats.diskSize }),
  "import-from": text({ format: formats.volumeOrPath }),
};
const imageFormat: PropertyFormat = { format: onOff("raw", "qcow", "qed", "qcow2", "vmdk", "cloop") };

const throttle: PropertyFormat = Object.fromEntries(
  ["", "_rd", "_wr"].flatMap((kind): [string, Property][] => [
    [`mbps${kind}`, number],
    [`mbps${kind}_max`, number],
    [`iops${kind}`, integer()],
    [`iops${kind}_max`, integer()],
    [`iops${kind}_max_length`, length],
    [`bps${kind}`, integer()],
    [`bps${kind}_max_length`, length],
    ...(kind === ""
      ? []
      : ([
          [`iops${kind}_length`, { type: "string", alias: `iops${kind}_max_length` }],
          [`bps${kind}_length`, { type: "string", alias: `bps${kind}_max_length` }],
        ] as [string, Property][])),
  ]),
);

const common: PropertyFormat = {
  ...volume,
  ...imageFormat,
  ...throttle,
  media: onOff("cdrom", "disk"),
  cyls: integer(),
  heads: integer(),
  secs: integer(),
  trans: onOff("none", "lba", "auto"),
  snapshot: flag,
  shared: flag,
  cache: onOff("none", "writethrough", "writeback", "unsafe", "directsync"),
  replicate: flag,
  rerror: onOff("ignore", "report", "stop"),
  werror: onOff("enospc", "ignore", "report", "stop"),
  backup: flag,
  aio: onOff("native", "threads", "io_uring"),
  discard: onOff("ignore", "on"),
  detect_zeroes: flag,
  serial: text({ format: formats.urlEncoded, maxLength: 60 }),
};
const ssd: PropertyFormat = { ssd: flag };
const wwn: PropertyFormat = { wwn: text({ pattern: /^0x[0-9a-fA-F]{16}$/ }) };
const model: PropertyFormat = { model: text({ format: formats.urlEncoded, maxLength: 120 }) };
const iothread: PropertyFormat = { iothread: flag, ro: flag };

/** By the slot's prefix. */
export const driveFormats: Readonly<Record<string, PropertyFormat>> = {
  ide: { ...common, ...ssd, ...wwn, ...model },
  sata: { ...common, ...ssd, ...wwn },
  scsi: {
    ...common,
    ...ssd,
    ...wwn,
    ...iothread,
    queues: integer({ minimum: 2 }),
    scsiblock: flag,
    product: text({ pattern: /^[A-Za-z0-9\-_\s]{0,16}$/ }),
    vendor: text({ pattern: /^[A-Za-z0-9\-_\s]{0,8}$/ }),
  },
  virtio: { ...common, ...iothread },
  efidisk: {
    ...volume,
    ...imageFormat,
    efitype: onOff("2m", "4m"),
    "pre-enrolled-keys": flag,
    "ms-cert": onOff("2011", "2023", "2023w", "2023k"),
  },
  tpmstate: { ...volume, version: onOff("v1.2", "v2.0") },
  unused: {
    file: { ...text({ format: formats.volumeId }), defaultKey: true, required: true },
    volume: { type: "string", alias: "file" },
  },
};
