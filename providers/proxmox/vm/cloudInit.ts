/** Cloud-init settings between the house's words and Proxmox's keys (PVE 8.4). Pure. */
import type { CloudInit, DiskSlot } from "./args";
import type { Config } from "./config";
import { isCloudInit, parseDrive, storageOf } from "./drive";
import { parsePropertyString, printPropertyString } from "./propertyString";
import { diskBus, isNicSlot } from "./slots";

export const CLOUD_INIT_SLOT = "ide2";

type Addresses = NonNullable<CloudInit["addresses"]>;

/** Slot of the drive that Proxmox generates; it allows one a VM. */
function driveSlot(config: Config): string | undefined {
  return Object.keys(config).find((key) => diskBus(key) !== undefined && isCloudInit(parseDrive(config[key] ?? "")));
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(/[\s,;]+/).filter((word) => word !== "");
}

/** Proxmox keeps the keys percent-encoded and refuses what `encodeURIComponent` leaves bare beyond letters and `-_.~`. */
function encodeKeys(keys: readonly string[]): string {
  return encodeURIComponent(keys.join("\n")).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decodeKeys(text: string | undefined): string[] {
  const lines = decodeURIComponent(text ?? "").split("\n");
  return [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ""))].sort();
}

/** Keys of `ipconfigN` that belong to a NIC of the configuration or of the house. */
const ipconfigKeys = (config: Config): string[] => Object.keys(config).filter((key) => /^ipconfig\d+$/.test(key));
const nicOf = (key: string): string => key.replace("ipconfig", "net");

function addressesFromApi(config: Config): Addresses {
  const entries = ipconfigKeys(config).flatMap((key) => {
    const { ip, gw } = parsePropertyString(config[key] ?? "", "");
    return ip === undefined || !isNicSlot(nicOf(key)) ? [] : [[nicOf(key), { address: ip, gateway: gw }] as const];
  });
  return Object.fromEntries(entries);
}

/** @param like what the house names: parts that it leaves out are not looked at. */
export function cloudInitFromApi(config: Config, like: CloudInit): CloudInit | undefined {
  const slot = driveSlot(config);
  const named = <T>(part: unknown, value: T): T | undefined => (part === undefined ? undefined : value);
  const rest = {
    user: named(like.user, config.ciuser),
    sshKeys: named(like.sshKeys, decodeKeys(config.sshkeys)),
    addresses: named(like.addresses, addressesFromApi(config)),
    nameservers: named(like.nameservers, words(config.nameserver)),
    searchDomain: named(like.searchDomain, config.searchdomain),
  };
  if (slot === undefined) return rest as unknown as CloudInit;
  const storage = storageOf(parseDrive(config[slot] ?? "").volume);
  return { slot: slot === CLOUD_INIT_SLOT ? undefined : (slot as DiskSlot), storage, ...rest };
}

function addressesToApi(addresses: Addresses, config: Config): Record<string, string | null> {
  const gone = ipconfigKeys(config).map((key) => [key, null] as const);
  const wanted = Object.entries(addresses).map(([slot, { address, gateway }]) => {
    const key = slot.replace("net", "ipconfig");
    // What is set for IPv6 has no word in the house and stays.
    return [
      key,
      printPropertyString({ ...parsePropertyString(config[key] ?? "", ""), ip: address, gw: gateway }),
    ] as const;
  });
  return Object.fromEntries([...gone, ...wanted]);
}

/** Keys to set, and to delete (`null`). The drive is asked for only where there is none. */
export function cloudInitToApi(wanted: CloudInit, config: Config): Record<string, string | null> {
  const { user, sshKeys, addresses, nameservers, searchDomain } = wanted;
  const listed = (items: readonly string[], text: string): string | null => (items.length === 0 ? null : text);
  return {
    ...(driveSlot(config) === undefined && { [wanted.slot ?? CLOUD_INIT_SLOT]: `${wanted.storage}:cloudinit` }),
    ...(user !== undefined && { ciuser: user }),
    ...(sshKeys && { sshkeys: listed(sshKeys, encodeKeys(sshKeys)) }),
    ...(addresses && addressesToApi(addresses, config)),
    ...(nameservers && { nameserver: listed(nameservers, nameservers.join(" ")) }),
    ...(searchDomain !== undefined && { searchdomain: searchDomain }),
  };
}
