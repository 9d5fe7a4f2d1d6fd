/** `PUT` and `POST .../config` and `.../unlink`: checks first, then key by key into the pending section, then taken up. */
import { vmidOf, type Call } from "../call";
import { startInheriting } from "../startTask";
import { free } from "../storage/volumes";
import { Problem } from "../wire/problem";
import type { Vm } from "../world";
import { bootOrder, printOrder } from "./boot";
import { admit, canonicalise, readChange, type Change } from "./change";
import { isOwnVolume, makeDrive, registerUnused } from "./disks";
import { isCdrom, parseDrive } from "./drive";
import { checkProtection, vmNamed } from "./find";
import { guardBridge, guardDevice, guardDrive } from "./guards";
import { hotplug } from "./hotplug";
import { applyPending, cleanPending, deletePending, setPending, settle } from "./pending";
import { isWindows, PINNED_MACHINE, uniqueTags } from "./values";
import { isDisk, isNet, isUnused } from "./volumeKeys";

type Log = (line: string) => void;

function deleteKey(call: Call, vm: Vm, key: string, value: string, force: boolean, log: Log): void {
  if (isUnused(key)) {
    checkProtection(vm, `can't remove unused disk '${value}'`);
    guardDrive(call, vm.vmid, key, value);
    if (isOwnVolume(vm, parseDrive(key, value))) free(call.world, parseDrive(key, value).file, log);
    Reflect.deleteProperty(vm.config, key);
    return;
  }
  if (isDisk(key)) {
    checkProtection(vm, `can't remove drive '${key}'`);
    guardDrive(call, vm.vmid, key, value);
    const pending = vm.pending[key];
    Reflect.deleteProperty(vm.pending, key);
    if (pending !== undefined) registerUnused(call, vm, key, pending, log);
  }
  guardDevice(call, vm.vmid, key, value, undefined, key.startsWith("hostpci") ? "set" : "delete");
  if (isNet(key)) guardBridge(call, vm.config[key]);
  deletePending(vm, key, force);
}

function setBoot(vm: Vm, value: string, deletes: readonly string[], sets: Readonly<Record<string, string>>): void {
  const order = bootOrder({ boot: value });
  if (order) {
    for (const device of order) {
      const exists = vm.config[device] ?? vm.pending[device] ?? sets[device];
      if (exists === undefined || deletes.includes(device))
        throw Problem.failed(`invalid bootorder: device '${device}' does not exist'`);
    }
    if (vm.config.bootdisk !== undefined) deletePending(vm, "bootdisk", false);
  }
  setPending(vm, "boot", order ? printOrder(order) : value);
}

function setKey(call: Call, vm: Vm, key: string, value: string, log: Log): void {
  if (isDisk(key)) {
    if (vm.config[key] !== undefined) guardDrive(call, vm.vmid, key, vm.config[key]);
    guardDrive(call, vm.vmid, key, value);
    if (vm.pending[key] !== undefined) registerUnused(call, vm, key, vm.pending[key], log);
    setPending(vm, key, makeDrive(call, vm.vmid, key, value, { ...vm.config, ...vm.pending }, log).text);
    return;
  }
  const verb = key.startsWith("serial") ? "modify" : "set";
  guardDevice(
    call,
    vm.vmid,
    key,
    vm.config[key],
    value,
    vm.config[key] === undefined && !key.startsWith("serial") ? "set" : verb,
  );
  if (isNet(key)) for (const net of [vm.config[key], value]) guardBridge(call, net);
  setPending(vm, key, key === "tags" ? uniqueTags(value) : value);
  if (key === "ostype" && isWindows(value) && vm.config.machine === undefined)
    setPending(vm, "machine", PINNED_MACHINE);
}

/** Key by key into the pending section: not atomic, a failure leaves what came before it. */
function write(call: Call, vm: Vm, change: Change, log: Log): void {
  const changed = new Set<string>();
  let order = bootOrder(vm.config);
  const reorder = (next: string[]): void => {
    order = next;
    setPending(vm, "boot", printOrder(next));
    changed.add("boot");
  };
  for (const key of change.deletes) {
    const value = vm.config[key] ?? vm.pending[key];
    if (value === undefined) continue;
    changed.add(key);
    deleteKey(call, vm, key, value, change.force, log);
    if (order?.includes(key)) reorder(order.filter((device) => device !== key));
  }
  for (const key of Object.keys(change.sets)) {
    const value = change.sets[key] ?? "";
    changed.add(key);
    if (vm.pending[key] === value) continue;
    if (key === "boot") setBoot(vm, value, change.deletes, change.sets);
    else setKey(call, vm, key, value, log);
    if (key === "ostype") changed.add("machine");
    const bootableCdrom = order && isDisk(key) && isCdrom(parseDrive(key, value)) && !order.includes(key);
    if (bootableCdrom) reorder([...(order ?? []), key]);
  }
  cleanPending(vm);
  settle(vm);
  if (vm.running) hotplug(call, vm, changed, log);
  else applyPending(call, vm, log);
}

function update(call: Call, change: Change, log: Log): void {
  write(call, vmNamed(call.world, vmidOf(call)), change, log);
}

/** `PUT`: done when it answers. */
export async function updateNow(call: Call): Promise<null> {
  const change = readChange(call);
  canonicalise(call, change);
  await call.locks.hold(vmidOf(call), () => {
    admit(vmNamed(call.world, vmidOf(call)), change);
    update(call, change, () => undefined);
  });
  return null;
}

/**
 * `POST`: the checks answer at once, the rest is a task; with `background_delay` its end is waited for. The worker is forked
 * while the VM's lock is held, and inherits it: no other change comes between the checks and the task's end.
 */
export async function updateInTask(call: Call): Promise<string | null> {
  const change = readChange(call);
  canonicalise(call, change);
  const vmid = vmidOf(call);
  const upid = await call.locks.handOver(vmid, (release) => {
    admit(vmNamed(call.world, vmid), change);
    const work = (log: Log): void => {
      update(call, change, log);
    };
    return startInheriting(call, "qmconfig", vmid, work, release);
  });
  const delay = Number(call.params.background_delay ?? 0);
  if (delay === 0) return upid;
  const task = await call.tasks.ended(upid, delay * 1000);
  if (task.exitstatus === undefined) return upid;
  if (task.exitstatus !== "OK" && !task.exitstatus.startsWith("WARNINGS: "))
    throw Problem.failed(`failed to update VM ${vmid}: ${task.exitstatus}`);
  return null;
}

/** `unlink`: a delete by another name. */
export const unlink = (call: Call): Promise<null> => {
  const { idlist = "", ...params } = call.params;
  return updateNow({ ...call, params: { ...params, delete: idlist } });
};
