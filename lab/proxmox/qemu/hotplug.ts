/** Changes of a running VM: what goes live at once, what stays pending, what fails, per key (PVE 8.4's rules). */
import type { Call } from "../call";
import { agentFormat } from "./formats";
import type { Vm } from "../world";
import { Problem } from "../wire/problem";
import { parseProperties } from "../wire/properties";
import { bootDisks } from "./boot";
import { registerUnused } from "./disks";
import { isCdrom, isCloudinit, parseDrive } from "./drive";
import { cleanPending, detachDrive, settle } from "./pending";
import { isDisk, isNet } from "./volumeKeys";
import { cloudinitSlot } from "./disks";

type Log = (line: string) => void;
/** Stays pending until the next boot. */
const SKIP = Symbol("skip");
type Outcome = typeof SKIP | undefined;

const AT_ONCE =
  /^(description|hookscript|lock|migrate_downtime|migrate_speed|name|onboot|protection|shares|startup|tags|vmstatestorage|cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;
const CLOUDINIT_SEES = /^(name|net\d+|ci\w+|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;
/** Drive options that a running QEMU can't change. */
const BOOT_ONLY = ["aio", "discard", "iothread", "queues", "product", "cache", "ssd", "vendor", "ro"];

function features(vm: Vm): ReadonlySet<string> {
  const text = vm.config.hotplug ?? "1";
  if (text === "0") return new Set();
  return new Set(text === "1" ? ["network", "disk", "usb"] : text.split(/[,;\s]+/));
}

function unplugDisk(vm: Vm, key: string): void {
  if (bootDisks(vm.config).includes(key)) throw Problem.failed(`can't unplug bootdisk '${key}'`);
}

function changeDisk(call: Call, vm: Vm, key: string, value: string, log: Log): Outcome {
  if (key === "efidisk0" || key === "tpmstate0") return SKIP;
  const plugs = features(vm).has("disk");
  const old = vm.config[key];
  const next = parseDrive(key, value);
  if (old !== undefined) {
    const before = parseDrive(key, old);
    if (isCdrom(next) !== isCdrom(before)) throw Problem.failed("unable to change media type");
    if (isCdrom(before)) {
      if (isCloudinit(before) && next.file !== before.file) registerUnused(call, vm, key, old, log);
      return undefined;
    }
    if (before.file === next.file) {
      return BOOT_ONLY.some((option) => before.options[option] !== next.options[option]) ? SKIP : undefined;
    }
    if (!plugs) return SKIP;
    unplugDisk(vm, key);
    registerUnused(call, vm, key, old, log);
  }
  return !plugs || /^(ide|sata)/.test(key) ? SKIP : undefined;
}

function changeAgent(vm: Vm, value: string): Outcome {
  if (vm.config.agent === undefined) return SKIP;
  const before = parseProperties(agentFormat, vm.config.agent, "agent");
  const after = parseProperties(agentFormat, value, "agent");
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].some((key) => key !== "fstrim_cloned_disks" && before[key] !== after[key]) ? SKIP : undefined;
}

function changeNet(vm: Vm, key: string, value: string): Outcome {
  const model = (text: string): string => text.split(",")[0] ?? "";
  const needsUnplug = vm.config[key] === undefined || model(vm.config[key]) !== model(value);
  return needsUnplug && !features(vm).has("network") ? SKIP : undefined;
}

function change(call: Call, vm: Vm, key: string, value: string, log: Log): Outcome {
  if (key === "hotplug")
    return /cpu|memory/.test(value) || /cpu|memory/.test(vm.config.hotplug ?? "") ? SKIP : undefined;
  if (key === "tablet" || /^usb\d+$/.test(key)) return features(vm).has("usb") ? undefined : SKIP;
  if (key === "vcpus") return features(vm).has("cpu") ? undefined : SKIP;
  if (key === "memory") return features(vm).has("memory") ? undefined : SKIP;
  if (key === "balloon") return ((vm.config.balloon ?? "1") !== "0") === (value !== "0") ? undefined : SKIP;
  if (key === "cpuunits" || key === "cpulimit") return undefined;
  if (key === "agent") return changeAgent(vm, value);
  if (isNet(key)) return changeNet(vm, key, value);
  return isDisk(key) ? changeDisk(call, vm, key, value, log) : SKIP;
}

function remove(call: Call, vm: Vm, key: string, log: Log): Outcome {
  const has = features(vm);
  if (key === "hotplug") return /cpu|memory/.test(vm.config.hotplug ?? "") ? SKIP : undefined;
  if (key === "tablet" || /^usb\d+$/.test(key)) return has.has("usb") ? undefined : SKIP;
  if (key === "vcpus") return has.has("cpu") ? undefined : SKIP;
  if (key === "memory") return has.has("memory") ? undefined : SKIP;
  if (key === "balloon") return vm.config.balloon === "0" ? SKIP : undefined;
  if (AT_ONCE.test(key) || key === "cpuunits" || key === "cpulimit") return undefined;
  if (isNet(key)) return has.has("network") ? undefined : SKIP;
  if (!isDisk(key) || !has.has("disk") || /^(ide|sata|efidisk|tpmstate)/.test(key)) return SKIP;
  unplugDisk(vm, key);
  detachDrive(call, vm, key, vm.deletes[key] === 2, log);
  return undefined;
}

/** Remembers what the guest's cloud-init image still says, as Proxmox's `[special:cloudinit]` section does. */
function recordCloudinit(vm: Vm, key: string, next: string | undefined): void {
  if (!CLOUDINIT_SEES.test(key) || cloudinitSlot(vm.config, "") === undefined) return;
  const { added: list, ...recorded } = vm.cloudinit;
  const added = new Set(list?.split(","));
  const old = vm.config[key];
  if (recorded[key] !== undefined) {
    if (next === recorded[key]) Reflect.deleteProperty(recorded, key);
  } else if (added.has(key)) {
    if (next === undefined) added.delete(key);
  } else if (old === undefined) added.add(key);
  else if (old !== next) recorded[key] = old;
  vm.cloudinit = added.size > 0 ? { ...recorded, added: [...added].sort().join(",") } : recorded;
}

/**
 * Takes up what a running VM can take up of the keys just changed; the rest stays pending.
 * @throws Problem 400 `hotplug problem - ...` per key that failed; those stay pending too
 */
export function hotplug(call: Call, vm: Vm, changed: ReadonlySet<string>, log: Log): void {
  const errors: Record<string, string> = {};
  const attempt = (key: string, work: () => Outcome): boolean => {
    try {
      return work() !== SKIP;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      errors[key] = `hotplug problem - ${error.text}\n`;
      return false;
    }
  };
  const goLive = (key: string): void => {
    const value = vm.pending[key] ?? "";
    recordCloudinit(vm, key, value);
    vm.config[key] = value;
    Reflect.deleteProperty(vm.pending, key);
  };
  for (const key of Object.keys(vm.pending)) if (AT_ONCE.test(key)) goLive(key);
  for (const key of Object.keys(vm.deletes).sort()) {
    if (!changed.has(key) || !attempt(key, () => remove(call, vm, key, log))) continue;
    recordCloudinit(vm, key, undefined);
    Reflect.deleteProperty(vm.config, key);
    Reflect.deleteProperty(vm.deletes, key);
  }
  for (const key of Object.keys(vm.pending).sort()) {
    const value = vm.pending[key] ?? "";
    if (changed.has(key) && attempt(key, () => change(call, vm, key, value, log))) goLive(key);
  }
  cleanPending(vm);
  settle(vm);
  if (Object.keys(errors).length > 0) throw Problem.parameters(errors);
}
