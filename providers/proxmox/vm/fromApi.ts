/**
 * The live VM in the house's words: only what the house names, in canonical form, so that the engine shows what was
 * changed behind its back property by property. Pure.
 */
import { formatSize, parseSize } from "../../../values/size";
import { canonical } from "../../canonical";
import type { Disk, Nic } from "./args";
import { smbiosUuid, type Config } from "./config";
import { devicesFromApi } from "./devices";
import { diskFromApi, isCdrom, isRoundedUp, parseDrive, type Drive } from "./drive";
import { FIELD_NAMES, fieldOf } from "./fields";
import type { ObservedDisk, VmInputs, VmRecords } from "./inputs";
import { nicFromApi, parseNic } from "./nic";
import type { ObservedVm } from "./observed";
import { namedSlots } from "./named";
import { diskBus, isNicSlot } from "./slots";

/** Drives that are disks, by slot: CD-ROMs, cloud-init among them, are not. */
export function drivesOf(config: Config): Readonly<Record<string, Drive>> {
  const drives = Object.keys(config)
    .filter((key) => diskBus(key) !== undefined)
    .map((key) => [key, parseDrive(config[key] ?? "")] as const);
  return Object.fromEntries(drives.filter(([, drive]) => !isCdrom(drive) && drive.volume !== "none"));
}

/** @param like the same slot in the house, with the marks of the last `read`. */
function observedDisk(drive: Drive, like: ObservedDisk | undefined): ObservedDisk {
  const disk = diskFromApi(drive);
  if ("path" in disk || like === undefined || "path" in like) return disk;
  const asked = parseSize(like.grownFrom ?? like.size) ?? 0;
  const found = drive.size ?? 0;
  return {
    ...disk,
    size: isRoundedUp(asked, found) ? formatSize(asked) : disk.size,
    grownFrom: found > asked && !isRoundedUp(asked, found) ? formatSize(asked) : undefined,
    // What it was made of: Proxmox doesn't remember.
    image: like.image,
    volume: like.volume,
  };
}

/**
 * A MAC that the house leaves to Proxmox is no part of the house (see unnamed.ts).
 * @param like the same slot in the house, where it is known. @param recorded MAC that Proxmox gave out for the slot.
 */
function observedNic(text: string, like: Nic | undefined, recorded: string | undefined): Nic {
  const nic = nicFromApi(parseNic(text));
  const given = like === undefined ? recorded !== undefined : like.mac === undefined;
  return given ? { ...nic, mac: undefined } : nic;
}

/** @param like recorded inputs (or state): names what is managed. @param records from the state; `{}` where there is none. */
export function fromApi(observed: ObservedVm, like: VmInputs, records: Partial<VmRecords>): VmInputs {
  const config = observed.wanted;
  const fields = FIELD_NAMES.map((name) => {
    const value = like[name];
    return [name, value === undefined ? undefined : fieldOf(name).parse(config, value)] as const;
  });
  const slots = namedSlots({ ...like, slots: records.slots });
  const managed: Readonly<Record<string, ObservedDisk>> = like.disks ?? {};
  const disks = Object.entries(drivesOf(config))
    .filter(([slot]) => slots.has(slot))
    .map(([slot, drive]): [string, Disk] => [slot, observedDisk(drive, managed[slot])]);
  const cards: Readonly<Record<string, Nic>> = like.nics ?? {};
  const nics = Object.keys(config)
    .filter((key) => isNicSlot(key) && slots.has(key))
    .map((slot) => [slot, observedNic(config[slot] ?? "", cards[slot], records.macs?.[slot])] as const);
  return canonical({
    ...Object.fromEntries(fields),
    node: observed.node,
    vmid: like.vmid,
    // A VM that was taken over keeps its own, and its records prove whose it is.
    uuid: records.adopted === undefined ? (smbiosUuid(config) ?? "") : like.uuid,
    // What it was made as: Proxmox doesn't remember.
    clone: like.clone,
    disks: like.disks && Object.fromEntries(disks),
    nics: like.nics && Object.fromEntries(nics),
    pci: like.pci && devicesFromApi(config, "pci", slots),
    usb: like.usb && devicesFromApi(config, "usb", slots),
    power: like.power && observed.status,
    agentAddresses: like.agentAddresses,
    deletable: like.deletable,
    recreate: like.recreate,
  } as VmInputs);
}
