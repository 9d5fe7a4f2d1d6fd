/**
 * Drives between the house's words and Proxmox's property strings (PVE 8.4, `scsi0` ...). Options that the house has no
 * word for (throttles, serial, aio) are carried along, because Proxmox replaces a drive's text as a whole. Pure.
 */
import { formatSize, parseSize } from "../../../values/size";
import type { Disk, DiskOptions, VolumeDisk } from "./args";
import { parsePropertyString, printPropertyString } from "./propertyString";

export interface Drive {
  /** `local-lvm:vm-100-disk-0`, a host path, `none`, or `STORE:GiB` for a volume to be allocated. */
  readonly volume: string;
  /** Every option as Proxmox writes it, without `size`. */
  readonly options: Readonly<Record<string, string>>;
  /** Bytes; what the server last read from the volume. */
  readonly size?: number;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: MIB, G: GIB, T: 1024 * GIB };

/** Bytes of Proxmox's `82G`, `8704M`, `1.5T`, `540672`; `undefined` where the text is none of these. */
export function driveBytes(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text) ?? [];
  return number === undefined || unit === undefined ? undefined : Number(number) * (UNITS[unit] ?? NaN);
}

export function parseDrive(text: string): Drive {
  const { file = "", size, ...options } = parsePropertyString(text, "file");
  return { volume: file, options, size: size === undefined ? undefined : driveBytes(size) };
}

export function printDrive({ volume, options }: Drive): string {
  return printPropertyString({ ...options, file: volume }, "file");
}

export const isPhysical = (drive: Drive): boolean => drive.volume.startsWith("/");
export const isCdrom = (drive: Drive): boolean => drive.options.media === "cdrom";
export const isCloudInit = (drive: Drive): boolean => isCdrom(drive) && /[/:]vm-\d+-cloudinit/.test(drive.volume);
/** Storage id of a volume: `NAS` of `NAS:101/vm-101-disk-0.raw`. */
export const storageOf = (volume: string): string => volume.slice(0, Math.max(0, volume.indexOf(":")));

/** Whether the disk is a copy of an image when it is made, and so has the image's size until it is grown. */
export const isImported = (disk: Disk): boolean => "storage" in disk && disk.image !== undefined;

/** For `resize`: absolute, in MiB. */
export const resizeText = (bytes: number): string => `${bytes / MIB}M`;

/** LVM rounds a volume up to whole extents of 4 MiB; that is no edit. */
const EXTENT = 4 * MIB;

/** Whether a volume of `found` bytes is what a storage makes of `asked` bytes. */
export const isRoundedUp = (asked: number, found: number): boolean =>
  found > asked && found - asked < EXTENT && found % EXTENT === 0;

const ON = new Set(["1", "on", "yes", "true"]);

function optionsFromApi(options: Drive["options"]): DiskOptions {
  const on = (key: string): true | undefined => (ON.has(options[key] ?? "") ? true : undefined);
  return {
    cache: options.cache === "none" ? undefined : (options.cache as DiskOptions["cache"]),
    discard: on("discard"),
    ssd: on("ssd"),
    iothread: on("iothread"),
    backup: options.backup === undefined || ON.has(options.backup) ? undefined : false,
    readOnly: on("ro"),
  };
}

/** The house's words for a drive; what is as Proxmox has it by default is left out. */
export function diskFromApi(drive: Drive): Disk {
  const options = optionsFromApi(drive.options);
  if (isPhysical(drive)) return { path: drive.volume as `/dev/${string}`, ...options };
  return { storage: storageOf(drive.volume), size: formatSize(drive.size ?? 0), ...options };
}

/**
 * Proxmox's text for a disk of the house.
 * @param volume what the slot shall hold: the volume that is there, an {@link allocation}, or the host path.
 * @param observed options of the drive in the slot; those the house has no word for stay.
 */
export function diskToApi(disk: DiskOptions, volume: string, observed: Drive["options"] = {}): string {
  const { cache, discard, ssd, iothread, backup, readOnly } = disk;
  const options: Record<string, string | undefined> = {
    ...observed,
    cache: cache === "none" ? undefined : cache,
    discard: discard === true ? "on" : undefined,
    ssd: ssd === true ? "1" : undefined,
    iothread: iothread === true ? "1" : undefined,
    backup: backup === false ? "0" : undefined,
    ro: readOnly === true ? "1" : undefined,
  };
  return printPropertyString({ ...options, file: volume }, "file");
}

/**
 * Proxmox's text for a slot that holds nothing yet. `STORE:GiB` makes it allocate; the fraction of a whole number of MiB is
 * exact in binary and in decimal. With `import-from` only 0 is allowed there.
 */
export function newDrive(disk: VolumeDisk): string {
  const { storage, size, image, volume } = disk;
  if (volume !== undefined) return diskToApi(disk, volume);
  if (image !== undefined) return diskToApi(disk, `${storage}:0`, { "import-from": image.volume });
  return diskToApi(disk, `${storage}:${(parseSize(size) ?? 0) / GIB}`);
}
