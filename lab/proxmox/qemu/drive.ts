/** A VM's drives: parsed, printed in Proxmox's canonical order, and told apart by kind. Pure. */
import { parseProperties, PropertyError, type Properties } from "../wire/properties";
import { Problem } from "../wire/problem";
import { driveFormats } from "./driveFormats";

export interface Drive {
  readonly key: string;
  /** Volume id, `none`, `cdrom`, a path, or `storage:GiB` for one to be made. */
  file: string;
  /** Everything else; `size` in bytes as text. */
  options: Properties;
}

/** `storage:8`, `storage:0.5`: to be allocated. */
export const NEW_DISK = /^([^:\s]+):(\d+(?:\.\d+)?)$/;

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** Bytes of `8G`, `512M`, `1.5T`, or a bare number of bytes; `undefined` where it is none. */
export function parseDiskSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text);
  return match ? Math.floor(Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1)) : undefined;
}

/** The largest unit that divides it; `1536G`, `8704M`, `104858K`. */
export function formatDiskSize(bytes: number): string {
  let value = Math.floor(bytes);
  let unit = "";
  for (const next of ["K", "M", "G", "T"]) {
    if (value % 1024 !== 0 || value === 0) break;
    value /= 1024;
    unit = next;
  }
  return `${value}${unit}`;
}

/** @throws Problem 400 where the text is no drive of that slot */
export function parseDrive(key: string, text: string): Drive {
  const format = driveFormats[key.replace(/\d+$/, "")] ?? {};
  try {
    const { file = "", ...options } = parseProperties(format, text, key);
    if (options.size !== undefined) options.size = String(parseDiskSize(options.size) ?? options.size);
    return { key, file, options };
  } catch (error) {
    if (error instanceof PropertyError) throw Problem.parameters({ [key]: `invalid format - ${error.message}` });
    throw error;
  }
}

export function printDrive(drive: Drive): string {
  const options = Object.entries(drive.options)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `,${key}=${key === "size" ? formatDiskSize(Number(value)) : value}`);
  return drive.file + options.join("");
}

export const isCdrom = (drive: Drive): boolean => drive.options.media === "cdrom";
export const isCloudinit = (drive: Drive): boolean =>
  /[:/](?:vm-\d+-)?cloudinit(?:\.[a-z0-9]+)?$/.test(drive.file) &&
  (isCdrom(drive) || drive.file.endsWith(":cloudinit"));
export const isPhysical = (drive: Drive): boolean => drive.file.startsWith("/");
/** Volume ids name a storage: `none`, `cdrom` and paths do not. */
export const storageOf = (file: string): string | undefined =>
  file.startsWith("/") ? undefined : /^([a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]):/.exec(file)?.[1];
/** The VM that a volume belongs to, by its name. */
export const ownerOf = (file: string): number | undefined => {
  // Of a linked clone's file the last part is its own: `120/base-120-disk-0.qcow2/220/vm-220-disk-0.qcow2`.
  const match = /(?:vm|base|subvol)-(\d+)-[^/]*$/.exec(file);
  return match ? Number(match[1]) : undefined;
};
