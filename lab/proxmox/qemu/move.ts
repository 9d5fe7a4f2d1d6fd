/** `POST .../move_disk`: to another storage or format (the source stays as `unusedN` without `delete`), or to another VM. */
import { demand } from "../access/permissions";
import { vmidOf, type Call } from "../call";
import { startTask } from "../startTask";
import { storageContent } from "../storage/definition";
import { allocate, free, isThin, storageNamed, volumeSize } from "../storage/volumes";
import type { Vm } from "../world";
import { Problem } from "../wire/problem";
import { registerUnused } from "./disks";
import { isCdrom, isCloudinit, parseDrive, printDrive, storageOf, type Drive } from "./drive";
import { checkDigest, checkLock, vmNamed } from "./find";
import { settle } from "./pending";

function sourceDrive(vm: Vm, key: string): Drive {
  const text = vm.config[key];
  if (text === undefined) throw Problem.failed(`disk '${key}' does not exist`);
  const drive = parseDrive(key, text);
  if (storageOf(drive.file) === undefined) throw Problem.failed(`unable to parse volume ID '${drive.file}'`);
  if (isCdrom(drive) && !isCloudinit(drive)) throw Problem.failed("you can't move a cdrom");
  return drive;
}

function targetFormat(call: Call, drive: Drive, storage: string): string {
  if (isThin(storageNamed(call.world, storage))) return "raw";
  return call.params.format ?? call.world.volumes[drive.file]?.format ?? "raw";
}

function copy(call: Call, vm: Vm, key: string, storage: string, log: (line: string) => void): void {
  const { world, params } = call;
  const drive = sourceDrive(vm, key);
  const from = drive.file;
  const cloudinit = isCloudinit(drive);
  log(`create full clone of drive ${key} (${from})`);
  const bytes = volumeSize(world, from);
  const name = cloudinit ? `vm-${vm.vmid}-cloudinit` : undefined;
  const format = targetFormat(call, drive, storage);
  drive.file = allocate(world, call.clock, { storage, vmid: vm.vmid, bytes, format, name }, log).volid;
  drive.options.size = String(bytes);
  const before = vm.config[key] ?? "";
  vm.config[key] = printDrive(drive);
  if (params.delete === "1" || cloudinit) free(world, from, log);
  else registerUnused(call, vm, key, before, log);
  settle(vm);
}

function toStorage(call: Call, vm: Vm, key: string, storage: string): string {
  const { world, who } = call;
  demand(world, who, `/storage/${storage}`, ["Datastore.AllocateSpace"]);
  const drive = sourceDrive(vm, key);
  if (!storageContent(storageNamed(world, storage)).includes("images"))
    throw Problem.parameters({ storage: `storage '${storage}' does not support vm images` });
  const sameFormat = targetFormat(call, drive, storage) === world.volumes[drive.file]?.format;
  if (storageOf(drive.file) === storage && (call.params.format === undefined || sameFormat))
    throw Problem.failed("you can't move to the same storage with same format");
  return startTask(call, "qmmove", vm.vmid, (log) =>
    call.locks.hold(vm.vmid, () => {
      copy(call, vmNamed(world, vm.vmid), key, storage, log);
    }),
  );
}

function reassign(call: Call, vm: Vm, key: string, target: Vm, slot: string): void {
  const { world } = call;
  const drive = sourceDrive(vm, key);
  const volume = world.volumes[drive.file];
  if (!volume) throw Problem.failed(`volume '${drive.file}' does not exist`);
  Reflect.deleteProperty(world.volumes, drive.file);
  const moved = allocate(
    world,
    call.clock,
    { storage: volume.storage, vmid: target.vmid, bytes: volume.size, format: volume.format },
    () => undefined,
  );
  Reflect.deleteProperty(vm.config, key);
  drive.file = moved.volid;
  drive.options.size = String(volume.size);
  target.config[slot] = slot.startsWith("unused") ? moved.volid : printDrive(drive);
}

function toVm(call: Call, vm: Vm, key: string, targetId: number): string {
  const { world, params, who } = call;
  if (targetId === vm.vmid)
    throw Problem.parameters({ "target-vmid": "must be different than source VMID to reassign disk" });
  demand(world, who, `/vms/${targetId}`, ["VM.Config.Disk"]);
  const slot = params["target-disk"] ?? key;
  const target = vmNamed(world, targetId);
  sourceDrive(vm, key);
  if (target.config[slot] !== undefined)
    throw Problem.failed(`Target disk key '${slot}' is already in use for VM '${targetId}'`);
  const work = (log: (line: string) => void): Promise<void> =>
    call.locks.hold(vm.vmid, () => {
      reassign(call, vmNamed(world, vm.vmid), key, target, slot);
      log(`moved disk '${key}' of VM ${vm.vmid} to '${slot}' of VM ${targetId}`);
    });
  return startTask(call, "qmmove", vm.vmid, work, `${vm.vmid}-${key}>${targetId}-${slot}`);
}

export function moveDisk(call: Call): string {
  const { params, world } = call;
  const target = params["target-vmid"];
  if (params.storage === undefined && target === undefined) {
    const text = "both 'storage' and 'target-vmid' missing, either needs to be set";
    throw Problem.parameters({ storage: text, "target-vmid": text });
  }
  const key = params.disk ?? "";
  const vm = vmNamed(world, vmidOf(call));
  if (target !== undefined) return toVm(call, vm, key, Number(target));
  checkDigest(vm, params.digest);
  checkLock(vm);
  return toStorage(call, vm, key, params.storage ?? "");
}
