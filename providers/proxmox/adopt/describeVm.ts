/**
 * A VM of Proxmox in the words of the `Vm` resource: all that it has a word for, and what is left out with the reason.
 * Takes whatever stands in a configuration, hand-edited ones and those of older versions too. Pure.
 */
import { without } from "../../../values/without";
import type { VmSpec } from "../vm/args";
import { checkVm } from "../vm/check";
import type { Config } from "../vm/config";
import { isCdrom, isCloudInit, parseDrive } from "../vm/drive";
import { FIELD_NAMES, fieldOf } from "../vm/fields";
import { parsePropertyString } from "../vm/propertyString";
import { diskBus, isNicSlot } from "../vm/slots";
import { describeCloudInit } from "./describeCloudInit";
import { describeDisk, describeNic } from "./describeSlots";
import { unworded, unwordedOptions, type LeftOut } from "./leftOut";

/** What a house may say of the VM; `name` is missing where Proxmox knows none. */
export type VmDescription = Omit<VmSpec, "node" | "uuid" | "deletable" | "name"> & { readonly name?: string };

export interface Described {
  readonly vm: VmDescription;
  readonly leftOut: readonly LeftOut[];
}

/** Option that may stand without its name, of the keys whose options are told apart. */
const DEFAULT_OPTION: Readonly<Record<string, string>> = {
  cpu: "cputype",
  agent: "enabled",
  machine: "type",
  memory: "current",
  smbios1: "uuid",
};

const has = (config: Config, key: string): boolean => (config[key] ?? "").trim() !== "";

/** What a new VM's boot order is by itself: the first disk, a CD drive, the first NIC (PVE 8.4). */
const OWN_BOOT_ORDER = /^(order=)?(?:(?:scsi|virtio|sata|ide)\d+)?(?:;?(?:ide|sata)\d+)?(?:;?net\d+)?$/;

function fields(config: Config): Partial<VmSpec> {
  const entries = FIELD_NAMES.flatMap((name) => {
    if (name === "cloudInit" || (name === "boot" && OWN_BOOT_ORDER.test(config.boot?.trim() ?? ""))) return [];
    const field = fieldOf(name);
    const always = name === "memory" || name === "cpu";
    if (!always && !field.keys.some((key) => has(config, key))) return [];
    const like = name === "cpu" && has(config, "cpu") ? { type: "as it is" } : {};
    const value = field.parse(config, like as never);
    const empty = typeof value === "object" && Object.values(value).every((member) => member === undefined);
    return value === undefined || empty ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** The part of a description that can't be without a property: a slot, a setting of cloud-init, or the property. */
function granule(path: readonly string[]): readonly string[] {
  const [first = "", second = ""] = path;
  if (first === "disks" || first === "nics") return [first, second];
  const optional = ["user", "sshKeys", "nameservers", "searchDomain"];
  return first === "cloudInit" && optional.includes(second) ? [first, second] : [first];
}

/** Takes out what the resource's own rules refuse, with their reasons. */
function acceptable(described: Described): Described {
  let { vm } = described;
  const leftOut = [...described.leftOut];
  // An I/O thread on another controller is stored and ignored; the two can't be said together.
  const threads = Object.entries(vm.disks ?? {}).some(([slot, disk]) => diskBus(slot) === "scsi" && disk.iothread);
  if (threads && ![undefined, "virtio-scsi-single"].includes(vm.scsiController)) {
    leftOut.push({ key: "scsihw", value: vm.scsiController, why: "it has no I/O threads, and a disk asks for one" });
    vm = without(vm, ["scsiController"]);
  }
  for (;;) {
    const spec = { ...vm, node: "node", uuid: "00000000-0000-4000-8000-000000000000", name: vm.name ?? "name" };
    const [failure] = checkVm({}, spec, () => true).failures;
    if (failure === undefined) return { vm, leftOut };
    const path = granule(failure.property.split("."));
    // Its number and its RAM are no choice of the house: whoever reads the file has to see them.
    if (path[0] === "vmid" || path[0] === "memory") return { vm, leftOut: [...leftOut, refused(path, failure.reason)] };
    leftOut.push(refused(path, failure.reason));
    vm = without(vm, path);
  }
}

const refused = (path: readonly string[], why: string): LeftOut => ({ key: path.join("."), why });

/** @param config what is configured: live values with the waiting ones laid over. */
export function describeVm(vmid: number, config: Config): Described {
  const slots = Object.keys(config).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const drives = slots.filter((key) => diskBus(key) !== undefined);
  const isDisk = (key: string): boolean => {
    const drive = parseDrive(config[key] ?? "");
    return !isCdrom(drive) && drive.volume !== "none" && drive.volume !== "";
  };
  const disks = drives.filter(isDisk).map((slot) => [slot, describeDisk(slot, config[slot] ?? "")] as const);
  const nics = slots.filter(isNicSlot).map((slot) => [slot, describeNic(slot, config[slot] ?? "")] as const);
  const cds = drives.filter((key) => !isDisk(key) && !isCloudInit(parseDrive(config[key] ?? "")));
  const cloudInit = describeCloudInit(config);
  const known = fields(config);

  const said = new Set([
    ...[...disks, ...nics].map(([slot]) => slot),
    ...cds,
    ...cloudInit.keys,
    ...FIELD_NAMES.flatMap((name) => (name === "cloudInit" || name === "boot" ? [] : fieldOf(name).keys)),
    "smbios1",
    ...(known.boot || OWN_BOOT_ORDER.test(config.boot?.trim() ?? "") ? ["boot"] : []),
  ]);
  said.delete("vcpus");
  const bySlot = <T>(parts: readonly (readonly [string, { readonly value?: T }])[]): Record<string, T> =>
    Object.fromEntries(parts.flatMap(([slot, { value }]) => (value === undefined ? [] : [[slot, value] as const])));
  return acceptable({
    vm: { vmid, ...known, disks: bySlot(disks), nics: bySlot(nics), cloudInit: cloudInit.value } as VmDescription,
    leftOut: [
      ...[...disks, ...nics].flatMap(([, { leftOut }]) => leftOut),
      ...cds.map((key) => ({ key, value: config[key], why: "a CD drive; it stays as it is" })),
      ...cloudInit.leftOut,
      ...Object.entries(DEFAULT_OPTION).flatMap(([key, option]) =>
        unwordedOptions(key, parsePropertyString(config[key] ?? "", option), [option]),
      ),
      ...slots.flatMap((key) => (said.has(key) ? [] : (unworded(key, config[key] ?? "") ?? []))),
    ],
  });
}
