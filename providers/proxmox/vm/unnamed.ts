/**
 * The part of a VM's configuration that the house does not name: left as it is, and remembered as it was at the last
 * `up`, so that an edit of it behind the house's back is found and told apart from one of what the house says. Pure.
 */
import { canonical } from "../../canonical";
import { editsSince } from "../edits";
import type { CloudInit, Nic } from "./args";
import type { Config } from "./config";
import { DEVICES, kindOfDevice } from "./devices";
import { isCdrom, isCloudInit, parseDrive } from "./drive";
import { FIELD_NAMES, fieldOf } from "./fields";
import { namedSlots, type Named } from "./named";
import { parseNic, printNic } from "./nic";
import type { ObservedVm } from "./observed";
import { unusedVolumes } from "./records";
import { diskBus, isNicSlot } from "./slots";
import { spelling } from "./spelling";

/** What Proxmox computes, or keeps for itself while it is at work on the VM; and the volumes without a slot, told apart. */
const COMPUTED =
  /^(?:digest|lock|meta|vmgenid|parent|snaptime|snapstate|vmstate|runningmachine|runningcpu|running-nets-host-mtu|unused\d+)$/;

const DISK_OPTIONS = ["file", "size", "cache", "discard", "ssd", "iothread", "backup", "ro"];

function driveRest(slot: string, text: string, named: Named): string | undefined {
  const drive = parseDrive(text);
  if (isCloudInit(drive) && named.cloudInit !== undefined) return undefined;
  if (namedSlots(named).has(slot)) return spelling(slot, text, DISK_OPTIONS);
  // The size of an image in a CD-ROM drive is the image's.
  return spelling(slot, text, isCdrom(drive) ? ["size"] : []);
}

/** A MAC that the house leaves to Proxmox is no part of the house. */
function nicRest(slot: string, text: string, named: Named): string | undefined {
  const nic = parseNic(text);
  const mac = nic.mac?.toUpperCase();
  if (!namedSlots(named).has(slot)) return printNic({ ...nic, mac });
  const nics: Readonly<Record<string, Nic>> = named.nics ?? {};
  const like = nics[slot];
  const given = like === undefined ? named.macs?.[slot] !== undefined : like.mac === undefined;
  const { bridge, tag, firewall, ...options } = nic.options;
  const rest = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  const told = [...(given && mac !== undefined ? [`mac=${mac}`] : []), ...rest.sort()];
  return told.length === 0 ? undefined : told.join(",");
}

const CLOUD_INIT_KEYS: Readonly<Record<string, keyof CloudInit>> = {
  ciuser: "user",
  sshkeys: "sshKeys",
  nameserver: "nameservers",
  searchdomain: "searchDomain",
};

/** Options of a key that the house has words for, where it uses them; `"all"`: the key is the house's. */
function namedOptions(key: string, named: Named): readonly string[] | "all" {
  if (key === "smbios1") return ["uuid"];
  const part = CLOUD_INIT_KEYS[key];
  if (part !== undefined) return named.cloudInit?.[part] === undefined ? [] : "all";
  if (key.startsWith("ipconfig")) return named.cloudInit?.addresses === undefined ? [] : ["ip", "gw"];
  const field = FIELD_NAMES.find((name) => fieldOf(name).keys.includes(key));
  if (key === "vcpus" || field === undefined || named[field] === undefined) return [];
  switch (key) {
    case "cpu":
      return named.cpu?.type === undefined ? [] : ["cputype"];
    case "affinity":
      return named.cpu?.affinity === undefined ? [] : "all";
    case "agent":
      return ["enabled"];
    case "machine":
      return ["type"];
    case "memory":
      return ["current"];
    default:
      return "all";
  }
}

function rest(key: string, text: string, named: Named): string | undefined {
  if (COMPUTED.test(key)) return undefined;
  if (diskBus(key) !== undefined) return driveRest(key, text, named);
  if (isNicSlot(key)) return nicRest(key, text, named);
  const device = kindOfDevice(key);
  if (device !== undefined && namedSlots(named).has(key)) return spelling(key, text, DEVICES[device].options);
  const options = namedOptions(key, named);
  return options === "all" ? undefined : spelling(key, text, options);
}

/** Volumes without a slot, but for those that came out of a slot of the house: that shows in the slot. */
function looseVolumes(observed: ObservedVm, named: Named): string[] {
  const slots = namedSlots(named);
  const ours = Object.entries(named.volumes ?? {}).flatMap(([slot, volume]) => (slots.has(slot) ? [volume] : []));
  return [...unusedVolumes(observed)].filter((volume) => !ours.includes(volume)).sort();
}

/** By Proxmox's key, in one spelling; of a key that the house names in part, the other part. Volumes without a slot are `unused`. */
export function unnamedOf(observed: ObservedVm, named: Named): Config {
  const lines = Object.entries(observed.wanted).flatMap(([key, text]) => {
    const value = rest(key, text, named);
    return value === undefined ? [] : [[key, value] as const];
  });
  const loose = looseVolumes(observed, named);
  return canonical({ ...Object.fromEntries(lines), ...(loose.length > 0 && { unused: loose.join(", ") }) });
}

/** Slots that hold something now. */
const isThere = (observed: ObservedVm, key: string): boolean => observed.wanted[key] !== undefined;

/**
 * What was edited since it was last taken note of: `net1: virtio=..,bridge=vmbr0`, `vga: none (was std)`. `undefined`
 * where nothing was, and where nothing is remembered.
 */
export function unnamedEdits(
  observed: ObservedVm,
  named: Named,
  acknowledged: Config | undefined,
): Readonly<Record<string, string>> | undefined {
  if (acknowledged === undefined) return undefined;
  const now = unnamedOf(observed, named);
  const slots = namedSlots(named);
  // Of a slot of the house that was emptied, the house's part tells.
  return editsSince(acknowledged, now, (key) => !slots.has(key) || isThere(observed, key));
}
