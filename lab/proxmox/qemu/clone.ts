/** `POST .../clone`: checks answer at once; the copy is a task that claims the new VMID and leaves nothing behind when it fails. */
import { demand, may } from "../access/permissions";
import { vmidOf, type Call } from "../call";
import { storageContent } from "../storage/definition";
import { startTask } from "../startTask";
import { allocate, free, isThin, storageNamed, volumeSize } from "../storage/volumes";
import type { Vm } from "../world";
import { Problem } from "../wire/problem";
import { isCdrom, isCloudinit, parseDrive, printDrive, storageOf, type Drive } from "./drive";
import { checkLock } from "./find";
import { guardBridge } from "./guards";
import { canonicalNet } from "./net";
import { settle } from "./pending";
import { isDisk, isNet } from "./volumeKeys";

type Log = (line: string) => void;

/** Keys that the copy has its own of, or not at all. */
const OWN = /^(?:template|parent|lock|digest|snaptime|unused\d+)$/;

/** Templates' own disks: the ones that a clone can share. */
const BASE = /[:/]base-\d+-disk-\d+(?:\.\w+)?$/;

function sourceOf(call: Call): Vm {
  const vmid = vmidOf(call);
  const vm = call.world.vms[vmid];
  if (vm) return vm;
  throw Problem.failed(`unable to find configuration file for VM ${vmid} on node '${call.world.node.name}'`);
}

/** Drives that are copied: all but CDs of other kinds than cloud-init's, which the copy shares. */
const copied = (vm: Vm): Drive[] =>
  Object.keys(vm.config)
    .filter(isDisk)
    .sort()
    .map((key) => parseDrive(key, vm.config[key] ?? ""))
    .filter((drive) => !isCdrom(drive) || isCloudinit(drive));

function checkDrives(call: Call, vm: Vm, full: boolean): void {
  const { world, who, params } = call;
  for (const drive of copied(vm)) {
    const id = storageOf(drive.file);
    if (id === undefined) throw Problem.failed(`unable to parse volume ID '${drive.file}'`);
    const target = params.storage ?? id;
    demand(world, who, `/storage/${target}`, ["Datastore.AllocateSpace"]);
    if (!storageContent(storageNamed(world, target)).includes("images"))
      throw Problem.parameters({ storage: `storage '${target}' does not support vm images` });
    if (!full && !isCloudinit(drive) && !BASE.test(drive.file))
      throw Problem.failed(`Linked clone feature is not supported for '${drive.file}' (${drive.key})`);
  }
}

/** The new file of a clone that shares its template's: below it in a directory, a volume of its own on LVM. */
function linked(call: Call, vmid: number, drive: Drive, log: Log): string {
  const { world, clock } = call;
  const storage = storageNamed(world, storageOf(drive.file) ?? "");
  log(`create linked clone of drive ${drive.key} (${drive.file})`);
  const bytes = volumeSize(world, drive.file);
  const format = isThin(storage) ? "raw" : "qcow2";
  const volume = allocate(world, clock, { storage: storage.storage, vmid, bytes, format }, log);
  if (isThin(storage)) return volume.volid;
  const volid = `${drive.file}/${volume.volid.split(":")[1] ?? ""}`;
  Reflect.deleteProperty(world.volumes, volume.volid);
  world.volumes[volid] = { ...volume, volid };
  return volid;
}

function copy(call: Call, vmid: number, drive: Drive, log: Log): string {
  const { world, clock, params } = call;
  const storage = params.storage ?? storageOf(drive.file) ?? "";
  log(`create full clone of drive ${drive.key} (${drive.file})`);
  const bytes = volumeSize(world, drive.file);
  const name = isCloudinit(drive) ? `vm-${vmid}-cloudinit` : undefined;
  const own = params.format ?? world.volumes[drive.file]?.format;
  const format = isThin(storageNamed(world, storage)) ? "raw" : own;
  return allocate(world, clock, { storage, vmid, bytes, format, name }, log).volid;
}

function build(call: Call, source: Vm, vm: Vm, full: boolean, log: Log): void {
  const { world, clock, params } = call;
  const config = Object.fromEntries(Object.entries(source.config).filter(([key]) => !OWN.test(key)));
  const made: string[] = [];
  try {
    for (const drive of copied(source)) {
      const bytes = volumeSize(world, drive.file);
      const file = full || isCloudinit(drive) ? copy(call, vm.vmid, drive, log) : linked(call, vm.vmid, drive, log);
      made.push(file);
      config[drive.key] = printDrive({ ...drive, file, options: { ...drive.options, size: String(bytes) } });
    }
  } catch (error) {
    for (const volid of made) free(world, volid, log);
    Reflect.deleteProperty(world.vms, vm.vmid);
    throw error;
  }
  for (const key of Object.keys(config).filter(isNet)) {
    const anew = (config[key] ?? "").replace(/=[0-9A-F]{2}(?::[0-9A-F]{2}){5}/i, "");
    config[key] = canonicalNet(key, anew, clock.mac);
  }
  const smbios = (config.smbios1 ?? "").replace(/(^|,)uuid=[^,]*/, "");
  vm.config = {
    ...config,
    smbios1: `uuid=${clock.uuid()}${smbios === "" || smbios.startsWith(",") ? smbios : `,${smbios}`}`,
    vmgenid: clock.uuid(),
    name: params.name ?? `Copy-of-VM-${source.config.name ?? source.vmid}`,
    ...(params.description === undefined ? {} : { description: params.description }),
  };
  settle(vm);
}

export function cloneVm(call: Call): string {
  const { world, params, who } = call;
  const newid = Number(params.newid);
  if (params.pool !== undefined) throw Problem.denied(`pool '${params.pool}' does not exist`);
  if (!may(world, who, `/vms/${newid}`, "VM.Allocate")) throw Problem.denied(`/vms/${newid}`, "VM.Allocate");
  if (params.target !== undefined && params.target !== world.node.name && params.target !== "localhost")
    throw Problem.failed(`no such cluster node '${params.target}'`);
  const source = sourceOf(call);
  checkLock(source);
  if (params.snapname !== undefined) throw Problem.failed(`snapshot '${params.snapname}' does not exist`);
  const full = params.full === undefined ? source.config.template !== "1" : params.full === "1";
  if (!full && params.storage !== undefined) throw Problem.failed("parameter 'storage' not allowed for linked clones");
  if (world.vms[newid]) throw Problem.failed(`unable to create VM ${newid}: config file already exists`);
  checkDrives(call, source, full);
  for (const key of Object.keys(source.config).filter(isNet)) guardBridge(call, source.config[key]);
  const work = (log: Log): Promise<void> =>
    call.locks.hold(source.vmid, () => {
      if (world.vms[newid]) throw Problem.failed(`unable to create VM ${newid}: config file already exists`);
      const vm: Vm = { vmid: newid, config: {}, pending: {}, deletes: {}, cloudinit: {} };
      world.vms[newid] = vm;
      build(call, source, vm, full, log);
    });
  return startTask(call, "qmclone", source.vmid, work);
}

/** `POST .../template`: disks that can be shared are renamed, so that linked clones are known from them. */
export function makeTemplate(call: Call): string {
  const { world } = call;
  const vm = sourceOf(call);
  if (vm.config.template === "1") throw Problem.failed("you can't convert a template to a template");
  if (vm.running) throw Problem.failed("you can't convert a VM to template if VM is running vm");
  checkLock(vm);
  return startTask(call, "qmtemplate", vm.vmid, (log) =>
    call.locks.hold(vm.vmid, () => {
      for (const drive of copied(vm).filter((it) => !isCloudinit(it))) {
        const volume = world.volumes[drive.file];
        const volid = drive.file.replace(/vm-(\d+-disk-\d+)/, "base-$1");
        if (!volume || volid === drive.file) continue;
        Reflect.deleteProperty(world.volumes, drive.file);
        world.volumes[volid] = { ...volume, volid };
        vm.config[drive.key] = printDrive({ ...drive, file: volid });
        const [name, base] = [drive.file, volid].map((file) => file.split(":")[1] ?? "");
        if (isThin(storageNamed(world, volume.storage)))
          log(`  Renamed "${name ?? ""}" to "${base ?? ""}" in volume group "pve"`);
      }
      vm.config.template = "1";
    }),
  );
}
