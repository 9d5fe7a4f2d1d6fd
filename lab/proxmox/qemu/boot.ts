/** Boot order: read from `boot` and `bootdisk`, and the one that Proxmox computes for a new VM. Pure. */
import { isCdrom, parseDrive } from "./drive";
import { isDisk, isNet } from "./volumeKeys";

type Config = Readonly<Record<string, string>>;

/** Devices of an explicit `order=`; `undefined` for the legacy letters or no order at all. */
export function bootOrder(config: Config): string[] | undefined {
  const order = /(?:^|,)order=([^,]*)/.exec(config.boot ?? "")?.[1];
  return order?.split(";").filter((device) => device !== "");
}

export const printOrder = (devices: readonly string[]): string =>
  devices.length > 0 ? `order=${devices.join(";")}` : "";

/** Disks that a running VM boots from and that can't be unplugged. */
export function bootDisks(config: Config): string[] {
  const order = bootOrder(config);
  if (order) return order.filter(isDisk);
  return config.bootdisk === undefined ? [] : [config.bootdisk];
}

const KINDS = ["ide", "scsi", "virtio", "sata"];
const byIndex = (a: string, b: string): number =>
  KINDS.indexOf(a.replace(/\d+$/, "")) - KINDS.indexOf(b.replace(/\d+$/, "")) ||
  Number(/\d+$/.exec(a)?.[0]) - Number(/\d+$/.exec(b)?.[0]);

const bootable = (config: Config, cdrom: boolean): string | undefined =>
  Object.keys(config)
    .filter(
      (key) =>
        isDisk(key) && KINDS.includes(key.replace(/\d+$/, "")) && isCdrom(parseDrive(key, config[key] ?? "")) === cdrom,
    )
    .sort(byIndex)[0];

/** First disk, first CD-ROM, first NIC. */
export function defaultBoot(config: Config): string {
  const net = Object.keys(config)
    .filter(isNet)
    .sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)))[0];
  return printOrder([bootable(config, false), bootable(config, true), net].filter((device) => device !== undefined));
}

/** The disk whose size is the VM's `maxdisk`. */
export const sizeDisk = (config: Config): string | undefined =>
  bootOrder(config)?.find(
    (key) => isDisk(key) && config[key] !== undefined && !isCdrom(parseDrive(key, config[key])),
  ) ?? (bootOrder(config) ? undefined : (config.bootdisk ?? bootable(config, false)));
