/** Devices of the host between the house's words and Proxmox's `hostpciN` and `usbN` (PVE 8.4). Pure. */
import { sameCanonical } from "../../canonical";
import type { PciDevice, UsbDevice, VmSpec } from "./args";
import type { Config } from "./config";
import { parsePropertyString, printPropertyString } from "./propertyString";

export type DeviceKind = "pci" | "usb";

/** By kind: how its slots are called, how many there are, and the options that the house has words for. */
export const DEVICES = {
  pci: { slot: /^hostpci(?:\d|1[0-5])$/, options: ["host", "mapping", "pcie", "x-vga", "mdev", "rombar"] },
  usb: { slot: /^usb(?:\d|1[0-3])$/, options: ["host", "mapping", "usb3"] },
} as const;

export const DEVICE_KINDS = Object.keys(DEVICES) as readonly DeviceKind[];

export const kindOfDevice = (key: string): DeviceKind | undefined =>
  DEVICE_KINDS.find((kind) => DEVICES[kind].slot.test(key));

const on = (value: string | undefined): true | undefined => (value === "1" ? true : undefined);

/** One spelling for one address: lower-case, and without the PCI domain that nearly every machine has only one of. */
export const deviceAddress = (text: string): string => text.toLowerCase().replace(/(^|;)0000:/g, "$1");

/** Whether it is named by where it is, which only root may; a mapping is free to whoever may use it. */
export const isRawDevice = (device: PciDevice | UsbDevice): boolean => "device" in device;

/** The same of Proxmox's text. A virtual USB port for SPICE is no device of the host. */
export const isRawText = (text: string): boolean => {
  const { mapping, host } = parsePropertyString(text, "host");
  return mapping === undefined && host?.toLowerCase() !== "spice";
};

function fromText(kind: DeviceKind, text: string): PciDevice | UsbDevice {
  const { host = "", mapping, ...options } = parsePropertyString(text, "host");
  const which = mapping === undefined ? { device: deviceAddress(host) } : { mapping };
  if (kind === "usb") return { ...which, usb3: on(options.usb3) };
  return {
    ...which,
    pcie: on(options.pcie),
    primaryGpu: on(options["x-vga"]),
    mdev: options.mdev,
    rom: options.rombar === "0" ? false : undefined,
  };
}

/** @param observed options of the device in the slot; those that the house has no word for stay. */
function toText(kind: DeviceKind, device: PciDevice & UsbDevice, observed = ""): string {
  const named: readonly string[] = DEVICES[kind].options;
  const kept = Object.entries(parsePropertyString(observed, "host")).filter(([name]) => !named.includes(name));
  const flag = (value: boolean | undefined): string | undefined => (value === true ? "1" : undefined);
  return printPropertyString(
    {
      ...Object.fromEntries(kept),
      host: "device" in device ? device.device : undefined,
      mapping: "mapping" in device ? device.mapping : undefined,
      pcie: flag(device.pcie),
      "x-vga": flag(device.primaryGpu),
      mdev: device.mdev,
      rombar: device.rom === false ? "0" : undefined,
      usb3: flag(device.usb3),
    },
    "host",
  );
}

type Slots = Readonly<Record<string, PciDevice & UsbDevice>>;

const slotsOf = (spec: Partial<VmSpec>, kind: DeviceKind): Slots => spec[kind] ?? {};

/** The devices in these slots, in canonical form. */
export function devicesFromApi(config: Config, kind: DeviceKind, slots: ReadonlySet<string>): VmSpec[DeviceKind] {
  const there = Object.keys(config).filter((key) => DEVICES[kind].slot.test(key) && slots.has(key));
  return Object.fromEntries(there.map((key) => [key, fromText(kind, config[key] ?? "")]));
}

/** `hostpci0: "00:02.0,pcie=1"` for a new VM. */
export const deviceTexts = (spec: Partial<VmSpec>): Config =>
  Object.fromEntries(
    DEVICE_KINDS.flatMap((kind) =>
      Object.entries(slotsOf(spec, kind)).map(([slot, device]) => [slot, toText(kind, device)] as const),
    ),
  );

/** A device taken out of the house is taken out of its slot; one that it never had is left alone. */
export function planDevices(
  config: Config,
  wanted: Partial<VmSpec>,
  recorded: Partial<VmSpec>,
): { readonly set: Config; readonly delete: readonly string[] } {
  const sets = DEVICE_KINDS.flatMap((kind) =>
    Object.entries(slotsOf(wanted, kind)).flatMap(([slot, device]) => {
      const there = config[slot];
      const same = there !== undefined && sameCanonical(fromText(kind, there), device);
      return same ? [] : [[slot, toText(kind, device, there)] as const];
    }),
  );
  const gone = DEVICE_KINDS.flatMap((kind) =>
    Object.keys(slotsOf(recorded, kind)).filter(
      (slot) => slotsOf(wanted, kind)[slot] === undefined && config[slot] !== undefined,
    ),
  );
  return { set: Object.fromEntries(sets), delete: gone };
}
