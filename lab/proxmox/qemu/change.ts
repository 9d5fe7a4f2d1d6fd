/** An update before it is written: read, canonical, allowed, and held against the VM's lock, digest and memory. */
import { isRoot } from "../access/identity";
import { vmidOf, type Call } from "../call";
import { splitList } from "../wire/formats";
import { Problem } from "../wire/problem";
import type { Vm } from "../world";
import { checkDrive } from "./disks";
import { checkDigest, checkLock } from "./find";
import { guardKeys, guardStorages } from "./guards";
import { canonicalNet } from "./net";
import { optionExists } from "./options";
import { checkSshKeys, hashedPassword, memoryMib } from "./values";
import { isDisk, isNet } from "./volumeKeys";

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

/** What an update asks for, read and checked by name. */
export interface Change {
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

/** @throws Problem 400 for names and combinations that there are not, 500 for an empty update */
export function readChange(call: Call): Change {
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

/** Values as Proxmox keeps them; and whether the caller may touch these keys at all. @throws Problem 403 or 500 */
export function canonicalise(call: Call, change: Change): void {
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
export function admit(vm: Vm, change: Change): void {
  checkDigest(vm, change.digest);
  checkLock(vm, change.skipLock);
  for (const key of change.reverts) {
    if (vm.config[key] !== undefined) change.sets[key] = vm.config[key];
    else if (vm.pending[key] !== undefined) change.deletes.push(key);
  }
  checkBalloon(vm, change.sets);
}
