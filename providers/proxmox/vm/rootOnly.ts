/**
 * What Proxmox lets only root@pam itself set (PVE 8.4, PVE/API2/Qemu.pm): tokens are refused, root's own among them. Which
 * keys these are, which of a house's wishes need them, and the part of a step that they are. Pure.
 */
import type { CheckFailure } from "../../lifecycle";
import { sameCanonical } from "../../canonical";
import { isUnknown } from "../../unknown";
import type { PciDevice, UsbDevice, VmSpec } from "./args";
import type { Config } from "./config";
import { DEVICE_KINDS, isRawDevice, isRawText, kindOfDevice } from "./devices";
import { isPhysical, parseDrive } from "./drive";
import { diskBus } from "./slots";
import type { Step } from "./step";

const KEYS = new Set(["args", "hookscript", "affinity"]);

const isHostDisk = (text: string | undefined): boolean => text !== undefined && isPhysical(parseDrive(text));

/** @param value what it shall become; `undefined` where it shall go. @param before what it is. */
export function isRootOnly(key: string, value: string | undefined, before: string | undefined): boolean {
  if (KEYS.has(key)) return true;
  // A disk of the host may be taken away by a token, but not edited.
  if (diskBus(key) !== undefined) return value !== undefined && (isHostDisk(value) || isHostDisk(before));
  if (kindOfDevice(key) === undefined) return false;
  return [value, before].some((text) => text !== undefined && isRawText(text));
}

type ConfigStep = Extract<Step, { readonly kind: "config" }>;

/** A boot order can name a disk only once it is there. */
const bootNames = (boot: string | undefined, keys: readonly string[]): boolean =>
  boot !== undefined && keys.some((key) => boot.includes(key));

/** The part that a token may do, or where nothing of that is left the part that takes root. */
export function partOf(step: Step, config: Config): Step {
  if (step.kind !== "config") return step;
  const sets = Object.entries(step.set);
  const rootSets = sets.filter(([key, value]) => isRootOnly(key, value, config[key]));
  const rootDeletes = step.delete.filter((key) => isRootOnly(key, undefined, config[key]));
  if (rootSets.length + rootDeletes.length === 0) return step;
  const rootKeys = rootSets.map(([key]) => key);
  const later = (key: string): boolean =>
    rootKeys.includes(key) || (key === "boot" && bootNames(step.set.boot, rootKeys));
  const plain = sets.filter(([key]) => !later(key));
  const plainDeletes = step.delete.filter((key) => !rootDeletes.includes(key));
  if (plain.length + plainDeletes.length > 0) return { ...step, set: Object.fromEntries(plain), delete: plainDeletes };
  return { ...step, set: step.set, delete: step.delete, root: true } satisfies ConfigStep;
}

/** The parameters of a creation that a token may give. What takes root comes after it, and the start after that. */
export function withoutRootOnly<T extends Readonly<Record<string, unknown>>>(params: T): T {
  const keys = Object.keys(params).filter((key) => isRootOnly(key, String(params[key]), undefined));
  if (keys.length === 0) return params;
  const dropped = new Set([...keys, "start", ...(bootNames(params.boot as string | undefined, keys) ? ["boot"] : [])]);
  return Object.fromEntries(Object.entries(params).filter(([key]) => !dropped.has(key))) as T;
}

interface Wish {
  readonly property: string;
  readonly value: string;
  /** What Proxmox lets only root do. */
  readonly what: string;
}

type Devices = Readonly<Record<string, PciDevice | UsbDevice | undefined>>;

const known = <T extends object>(value: T | undefined): Partial<T> =>
  value === undefined || isUnknown(value) ? {} : value;

function deviceWishes(olds: Partial<VmSpec>, news: Partial<VmSpec>): Wish[] {
  return DEVICE_KINDS.flatMap((kind) => {
    const [before, after] = [olds, news].map((spec) => known(spec[kind]) as Devices);
    const slots = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
    return slots.flatMap((slot) => {
      const [had, wants] = [before?.[slot], after?.[slot]];
      const raw = [had, wants].find((device) => device !== undefined && !isUnknown(device) && isRawDevice(device));
      if (raw === undefined || isUnknown(wants) || sameCanonical(had, wants)) return [];
      const value = "device" in raw ? raw.device : "";
      return [{ property: `${kind}.${slot}.device`, value, what: "hand through a device of the host by its address" }];
    });
  });
}

function wishes(olds: Partial<VmSpec>, news: VmSpec): Wish[] {
  const before = known(olds.disks) as Readonly<Record<string, unknown>>;
  const disks = Object.entries(known(news.disks)).flatMap(([slot, disk]) =>
    disk === undefined || isUnknown(disk) || !("path" in disk) || sameCanonical(before[slot], disk)
      ? []
      : [{ property: `disks.${slot}.path`, value: disk.path, what: "hand through a disk of the host" }],
  );
  const single = (property: string, had: string | undefined, wants: string | undefined, what: string): Wish[] =>
    wants === undefined || isUnknown(wants) || (had ?? "") === wants ? [] : [{ property, value: wants, what }];
  const [oldCpu, newCpu] = [known(olds.cpu), known(news.cpu)];
  return [
    ...disks,
    ...deviceWishes(olds, news),
    ...single("args", olds.args, news.args, "give QEMU arguments of its own"),
    ...single("hookScript", olds.hookScript, news.hookScript, "name a hook script, which runs as root on the node"),
    ...single("cpu.affinity", oldCpu.affinity, newCpu.affinity, "pin a VM to CPUs of the host"),
  ];
}

/** @param mayRoot whether today's configuration has a way to act as root; asked only where it counts. */
export function rootOnlyFailures(
  olds: Partial<VmSpec>,
  news: VmSpec,
  mayRoot: () => boolean | undefined,
): CheckFailure[] {
  const wanted = wishes(olds, news);
  if (wanted.length === 0 || mayRoot() !== false) return [];
  return wanted.map(({ property, value, what }) => ({
    property,
    reason: `${value === "" ? "" : `${value}: `}Proxmox lets only root@pam itself ${what}, no API token - set hypervisor.ssh, by which it is done on the node (qm set), or user root@pam and its password${/^(?:pci|usb)\./.test(property) ? "; a mapping takes neither" : ""}`,
  }));
}
