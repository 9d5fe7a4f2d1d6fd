/** A VM of the house in canonical form, so that two ways to write one VM are one state. Pure. */
import { formatSize, parseSize, type Size } from "../../../values/size";
import { canonical } from "../../canonical";
import { isUnknown } from "../../unknown";
import type { CloudInit, Disk, DiskSlot, Nic, NicSlot, PciDevice, PciSlot, UsbDevice, UsbSlot, VmSpec } from "./args";
import { CLOUD_INIT_SLOT } from "./cloudInit";
import { deviceAddress } from "./devices";
import type { VmInputs } from "./inputs";

/** Applies `change` to what is there and known; an unknown value is passed on. */
function known<T>(value: T, change: (value: NonNullable<T>) => T): T {
  return value === undefined || value === null || isUnknown(value) ? value : change(value);
}

const size = (value: Size): Size => {
  const bytes = parseSize(value);
  return bytes === undefined ? value : formatSize(bytes);
};

const unlessDefault = <T>(value: T | undefined, standard: T): T | undefined => (value === standard ? undefined : value);

function sortedWords<T extends readonly string[]>(items: T): T {
  return [...new Set(items.map((item) => item.trim()))].sort() as unknown as T;
}

function disk(value: Disk): Disk {
  const options = {
    cache: unlessDefault(value.cache, "none"),
    discard: unlessDefault(value.discard, false),
    ssd: unlessDefault(value.ssd, false),
    iothread: unlessDefault(value.iothread, false),
    backup: unlessDefault(value.backup, true),
    readOnly: unlessDefault(value.readOnly, false),
  };
  return "path" in value ? { ...value, ...options } : { ...value, ...options, size: known(value.size, size) };
}

function nic(value: Nic): Nic {
  return {
    ...value,
    model: value.model ?? "virtio",
    firewall: unlessDefault(value.firewall, false),
    mac: known(value.mac, (mac) => mac.toUpperCase()),
  };
}

function pci(value: PciDevice): PciDevice {
  const options = {
    pcie: unlessDefault(value.pcie, false),
    primaryGpu: unlessDefault(value.primaryGpu, false),
    rom: unlessDefault(value.rom, true),
  };
  return "device" in value
    ? { ...value, ...options, device: known(value.device, deviceAddress) }
    : { ...value, ...options };
}

function usb(value: UsbDevice): UsbDevice {
  const usb3 = unlessDefault(value.usb3, false);
  return "device" in value ? { ...value, usb3, device: known(value.device, deviceAddress) } : { ...value, usb3 };
}

function cloudInit(value: CloudInit): CloudInit {
  return {
    ...value,
    slot: unlessDefault<DiskSlot>(value.slot, CLOUD_INIT_SLOT),
    sshKeys: known(value.sshKeys, sortedWords),
  };
}

/** Each member of a record by slot, where the record is known. */
function bySlot<K extends string, T>(record: Readonly<Record<K, T>>, change: (value: T) => T): Readonly<Record<K, T>> {
  const entries = Object.entries<T>(record).map(([slot, value]) => [slot, known(value, change as never)] as const);
  return Object.fromEntries(entries) as Record<K, T>;
}

/** @param spec of the right shape, or unknown in part. */
export function canonicalInputs(spec: VmSpec): VmInputs {
  return canonical({
    ...spec,
    uuid: known(spec.uuid, (uuid) => uuid.toLowerCase()),
    description: known(spec.description, (text) => text.replace(/\r\n/g, "\n").replace(/\s+$/, "")),
    tags: known(spec.tags, (tags) => (tags.some(isUnknown) ? tags : sortedWords(tags.map((tag) => tag.toLowerCase())))),
    cpu: known(spec.cpu, (cpu) => ({ ...cpu, sockets: unlessDefault(cpu.sockets, 1) })),
    memory: known(spec.memory, size),
    balloon: known(spec.balloon, size),
    disks: known(spec.disks, (disks) => bySlot<DiskSlot, Disk>(disks, disk)),
    nics: known(spec.nics, (nics) => bySlot<NicSlot, Nic>(nics, nic)),
    pci: known(spec.pci, (devices) => bySlot<PciSlot, PciDevice>(devices, pci)),
    usb: known(spec.usb, (devices) => bySlot<UsbSlot, UsbDevice>(devices, usb)),
    cloudInit: known(spec.cloudInit, cloudInit),
  });
}
