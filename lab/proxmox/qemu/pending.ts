/** A VM's pending section: what is set or deleted but not taken up yet, and how it becomes live. Works on one VM. */
import type { Call } from "../call";
import { free } from "../storage/volumes";
import type { Vm } from "../world";
import { Problem } from "../wire/problem";
import { isOwnVolume, registerUnused } from "./disks";
import { isCloudinit, parseDrive } from "./drive";
import { isDisk, isUnused } from "./volumeKeys";

type Log = (line: string) => void;

const drop = (record: Record<string, unknown>, key: string): void => {
  Reflect.deleteProperty(record, key);
};

export function setPending(vm: Vm, key: string, value: string): void {
  vm.pending[key] = value;
  drop(vm.deletes, key);
  settle(vm);
}

export function deletePending(vm: Vm, key: string, force: boolean): void {
  drop(vm.pending, key);
  vm.deletes[key] = force ? 2 : 1;
  settle(vm);
}

/** As writing the file does: an `unusedN` whose volume is in use again goes, and empty values become one blank. */
export function settle(vm: Vm): void {
  const used = new Set<string>();
  for (const section of [vm.config, vm.pending]) {
    for (const [key, value] of Object.entries(section)) {
      if (key === "description") section[key] = value.replace(/\n+$/, "");
      if (section[key] === "") {
        if (key === "description") drop(section, key);
        else section[key] = " ";
      }
      if (isDisk(key)) used.add(parseDrive(key, value).file);
    }
  }
  for (const key of Object.keys(vm.config).filter(isUnused)) {
    if (used.has(vm.config[key] ?? "")) drop(vm.config, key);
  }
}

/** Drops what is pending without a difference. */
export function cleanPending(vm: Vm): void {
  for (const key of Object.keys(vm.pending)) {
    if (vm.pending[key] === vm.config[key]) drop(vm.pending, key);
  }
  for (const key of Object.keys(vm.deletes)) {
    if (vm.config[key] === undefined) drop(vm.deletes, key);
  }
}

/** Lets a slot's volume go: freed with `force` (and cloud-init always), kept as `unusedN` otherwise. */
export function detachDrive(call: Call, vm: Vm, key: string, force: boolean, log: Log): void {
  const text = vm.config[key];
  if (text === undefined) return;
  const drive = parseDrive(key, text);
  if (force && isOwnVolume(vm, drive)) free(call.world, drive.file, log);
  else registerUnused(call, vm, key, text, log);
  if (isCloudinit(drive)) vm.cloudinit = {};
}

/** Takes up everything pending, as a start does, and as any change to a stopped VM does. */
export function applyPending(call: Call, vm: Vm, log: Log): void {
  const errors: Record<string, string> = {};
  const attempt = (key: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      errors[key] = `unable to apply pending change ${key} : ${error.text}\n`;
    }
  };
  for (const key of Object.keys(vm.deletes).sort()) {
    attempt(key, () => {
      if (isDisk(key)) detachDrive(call, vm, key, vm.deletes[key] === 2, log);
      drop(vm.config, key);
      drop(vm.deletes, key);
    });
  }
  cleanPending(vm);
  for (const key of Object.keys(vm.pending).sort()) {
    attempt(key, () => {
      const old = vm.config[key];
      if (old !== undefined && isDisk(key)) registerUnused(call, vm, key, old, log);
      vm.config[key] = vm.pending[key] ?? "";
      drop(vm.pending, key);
    });
  }
  settle(vm);
  if (Object.keys(errors).length > 0) throw Problem.parameters(errors);
}
