/** `PUT` and `POST .../config` and `.../unlink`: checks first, then key by key into the pending section, then taken up. */
import { isRoot } from "../access/identity";
import { startTask, vmidOf, type Call } from "../call";
import { free } from "../storage/volumes";
import type { Vm } from "../world";
import { splitList } from "../wire/formats";
import { Problem } from "../wire/problem";
import { bootOrder, printOrder } from "./boot";
import { checkDrive, isOwnVolume, makeDrive, registerUnused } from "./disks";
import { isCdrom, parseDrive } from "./drive";
import { checkDigest, checkLock, checkProtection, vmNamed } from "./find";
import { guardBridge, guardDevice, guardDrive, guardKeys, guardStorages } from "./guards";
import { hotplug } from "./hotplug";
import { canonicalNet } from "./net";
import { optionExists } from "./options";
import { applyPending, cleanPending, deletePending, setPending, settle } from "./pending";
import { checkSshKeys, hashedPassword, isWindows, memoryMib, PINNED_MACHINE, uniqueTags } from "./values";
import { isDisk, isNet, isUnused } from "./volumeKeys";

const NOT_CONFIG = [
  "node",
  "vmid",
  "delete",
  "revert",
  "digest",
  "force",
  "skiplock",
  "background_delay",
  "import-working-storage",
  "cdrom",
];

interface Change {
  readonly sets: Record<string, string>;
  deletes: string[];
  readonly reverts: readonly string[];
  readonly force: boolean;
  readonly skipLock: boolean;
  readonly digest?: string;
}

const together = (a: string, b: string, key: string): Problem =>
  Problem.parameters({ [b]: `you can't use '-${key}' and -${a} ${key}' at the same time` });

function checkNames(change: Change): void {
  for (const key of change.reverts) {
    if (!optionExists(key)) throw Problem.parameters({ revert: `unknown option '${key}'` });
    if (change.sets[key] !== undefined) throw together("revert", "delete", key);
  }
  for (const key of change.deletes) {
    if (change.sets[key] !== undefined) throw together("delete", "delete", key);
    if (change.reverts.includes(key)) throw together("delete", "revert", key);
    if (!optionExists(key)) throw Problem.parameters({ delete: `unknown option '${key}'` });
  }
}

function readChange(call: Call): Change {
  const { params } = call;
  const sets = Object.fromEntries(Object.entries(params).filter(([key]) => !NOT_CONFIG.includes(key)));
  if (sets.cipassword !== undefined) sets.cipassword = hashedPassword(sets.cipassword);
  if (params.skiplock === "1" && !isRoot(call.who))
    throw Problem.parameters({ skiplock: "Only root may use this option." });
  if (sets.sshkeys !== undefined) checkSshKeys(sets.sshkeys);
  if (params.cdrom !== undefined)
    sets.ide2 = params.cdrom.includes("media=") ? params.cdrom : `${params.cdrom},media=cdrom`;
  const change: Change = {
    sets,
    deletes: splitList(params.delete ?? "").map((key) => (key === "cdrom" ? "ide2" : key)),
    reverts: splitList(params.revert ?? ""),
    force: params.force === "1",
    skipLock: params.skiplock === "1",
    digest: params.digest,
  };
  if (change.deletes.length + change.reverts.length + Object.keys(sets).length === 0)
    throw Problem.failed("no options specified");
  checkNames(change);
  return change;
}

function canonicalise(call: Call, change: Change): void {
  const { sets } = change;
  for (const key of Object.keys(sets).sort()) {
    const value = sets[key] ?? "";
    if (isDisk(key)) sets[key] = checkDrive(key, value);
    if (isNet(key)) sets[key] = canonicalNet(key, value, call.clock.mac);
    if (key === "vmgenid" && value === "1") sets[key] = call.clock.uuid();
  }
  guardKeys(call, vmidOf(call), change.deletes);
  guardKeys(call, vmidOf(call), Object.keys(sets));
  guardStorages(call, vmidOf(call), sets);
}

function checkBalloon(vm: Vm, sets: Readonly<Record<string, string>>): void {
  if (sets.memory === undefined && sets.balloon === undefined) return;
  const memory = memoryMib(sets.memory ?? vm.pending.memory ?? vm.config.memory);
  const balloon = Number(sets.balloon ?? vm.pending.balloon ?? vm.config.balloon ?? 0);
  if (balloon > memory) throw Problem.failed("balloon value too large (must be smaller than assigned memory)");
}

/** What has to hold while the lock is held, before anything is written. */
function admit(vm: Vm, change: Change): void {
  checkDigest(vm, change.digest);
  checkLock(vm, change.skipLock);
  for (const key of change.reverts) {
    if (vm.config[key] !== undefined) change.sets[key] = vm.config[key];
    else if (vm.pending[key] !== undefined) change.deletes.push(key);
  }
  checkBalloon(vm, change.sets);
}

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

/** `POST`: the checks answer at once, the rest is a task; with `background_delay` its end is waited for. */
export async function updateInTask(call: Call): Promise<string | null> {
  const change = readChange(call);
  canonicalise(call, change);
  await call.locks.hold(vmidOf(call), () => {
    admit(vmNamed(call.world, vmidOf(call)), change);
  });
  const vmid = vmidOf(call);
  const upid = startTask(call, "qmconfig", String(vmid), (log) =>
    call.locks.hold(vmid, () => {
      update(call, change, log);
    }),
  );
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
