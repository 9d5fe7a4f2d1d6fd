/**
 * One spelling for one meaning of a line of a VM's configuration that the house has no word for (PVE 8.4): options in
 * order, switches as 1 and 0, what is as Proxmox has it by default left out. Pure.
 */
import { tagList } from "./fields";
import { parsePropertyString, printPropertyString, type PropertyString } from "./propertyString";

/** Keys whose values are options by name, and the option that may stand without its name. */
const PROPERTY_STRINGS: readonly (readonly [RegExp, string])[] = [
  [/^(?:scsi|virtio|sata|ide|efidisk|tpmstate)\d+$/, "file"],
  [/^(?:hostpci|usb)\d+$/, "host"],
  [/^(?:ipconfig|numa)\d+$|^smbios1$|^ivshmem$|^spice_enhancements$|^cicustom$/, ""],
  [/^virtiofs\d+$/, "dirid"],
  [/^vga$|^machine$|^amd-sev$/, "type"],
  [/^cpu$/, "cputype"],
  [/^agent$/, "enabled"],
  [/^rng0$/, "source"],
  [/^audio0$/, "device"],
  [/^watchdog$/, "model"],
  [/^startup$/, "order"],
  [/^memory$/, "current"],
];

/** What Proxmox does where the key is not there: writing it out is no edit. */
const DEFAULTS: Readonly<Record<string, string>> = {
  acpi: "1",
  autostart: "0",
  bios: "seabios",
  ciupgrade: "1",
  cores: "1",
  cpulimit: "0",
  freeze: "0",
  hotplug: "disk,network,usb",
  keephugepages: "0",
  kvm: "1",
  numa: "0",
  onboot: "0",
  protection: "0",
  reboot: "1",
  scsihw: "lsi",
  shares: "1000",
  sockets: "1",
  tablet: "1",
  tdf: "0",
  template: "0",
  vcpus: "0",
};

const SWITCHES: Readonly<Record<string, string>> = { on: "1", yes: "1", true: "1", off: "0", no: "0", false: "0" };

const sortedList = (text: string): string =>
  text
    .split(/[\s,;]+/)
    .sort()
    .join(",");

function propertyString(options: PropertyString, defaultKey: string): string {
  const spelt = Object.entries(options).map(([name, value]) => [name, SWITCHES[value.toLowerCase()] ?? value]);
  return printPropertyString(Object.fromEntries(spelt) as PropertyString, defaultKey);
}

/** @param without options that are not to be told: the house has words for them, or the server computes them. */
export function spelling(key: string, text: string, without: readonly string[] = []): string | undefined {
  const defaultKey = PROPERTY_STRINGS.find(([keys]) => keys.test(key))?.[1];
  const value = defaultKey === undefined ? plain(key, text) : inOrder(text, defaultKey, without);
  return value === "" || value === DEFAULTS[key] ? undefined : value;
}

function inOrder(text: string, defaultKey: string, without: readonly string[]): string {
  const options = Object.entries(parsePropertyString(text, defaultKey)).filter(([name]) => !without.includes(name));
  return propertyString(Object.fromEntries(options), defaultKey);
}

function plain(key: string, text: string): string {
  if (key === "tags") return tagList(text).join(";");
  if (key === "hotplug") return text === "1" ? (DEFAULTS.hotplug ?? "") : sortedList(text);
  return text.trim();
}
