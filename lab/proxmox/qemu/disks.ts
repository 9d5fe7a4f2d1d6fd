/** Making the volumes that a VM's drives ask for, and letting go of those they leave. Works on the world. */
import type { Call } from "../call";
import { storagePath } from "../storage/definition";
import { allocate, free, isThin, roundedSize, storageNamed, volumeSize } from "../storage/volumes";
import type { Vm } from "../world";
import { Problem } from "../wire/problem";
import { isCdrom, isCloudinit, NEW_DISK, ownerOf, parseDrive, printDrive, storageOf, type Drive } from "./drive";
import { isDisk } from "./volumeKeys";

const KIB = 1024;
const CLOUDINIT_BYTES = 4 * KIB ** 2;
const TPM_BYTES = 4 * KIB ** 2;
const EFI_BYTES = { "4m": 528 * KIB, "2m": 128 * KIB } as const;

type Log = (line: string) => void;

/** What a drive's parameter has to be before anything is made. @throws Problem 400 */
export function checkDrive(key: string, text: string): string {
  const drive = parseDrive(key, text);
  if (drive.options["import-from"] !== undefined) {
    const fresh = NEW_DISK.exec(drive.file);
    if (!fresh || Number(fresh[2]) !== 0)
      throw Problem.parameters({
        [key]: "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>",
      });
    const needed = key === "efidisk0" ? ["efitype", "pre-enrolled-keys"] : key === "tpmstate0" ? ["version"] : [];
    for (const option of needed) {
      if (drive.options[option] === undefined)
        throw Problem.parameters({ [key]: `need to specify '${option}' when using 'import-from'` });
    }
  }
  return printDrive(drive);
}

/** The slot that already holds the cloud-init drive, but for `except`. */
export function cloudinitSlot(config: Readonly<Record<string, string>>, except: string): string | undefined {
  return Object.keys(config).find(
    (key) => key !== except && isDisk(key) && isCloudinit(parseDrive(key, config[key] ?? "")),
  );
}

function makeCloudinit(call: Call, vmid: number, drive: Drive, taken: string | undefined, log: Log): void {
  if (taken !== undefined) throw Problem.failed(`${drive.key} - cloud-init drive is already attached at '${taken}'`);
  const id = storageOf(drive.file) ?? "";
  const thin = isThin(storageNamed(call.world, id));
  const format = drive.options.format ?? (thin ? "raw" : "qcow2");
  drive.file = allocate(
    call.world,
    call.clock,
    { storage: id, vmid, format, bytes: CLOUDINIT_BYTES, name: `vm-${vmid}-cloudinit` },
    log,
  ).volid;
  drive.options.media = "cdrom";
}

function importSize(call: Call, source: string): number {
  if (storageOf(source) === undefined || call.world.volumes[source]) return volumeSize(call.world, source);
  const storage = storageNamed(call.world, storageOf(source) ?? "");
  const path = storagePath(storage);
  if (path === undefined) return volumeSize(call.world, source);
  const name = source.split(":")[1] ?? "";
  throw Problem.failed(`failed to stat '${path}/${/^\d+\//.test(name) ? "images/" : ""}${name}'`);
}

function makeDisk(call: Call, vmid: number, drive: Drive, log: Log): void {
  const [, id = "", gib = "0"] = NEW_DISK.exec(drive.file) ?? [];
  const storage = storageNamed(call.world, id);
  const source = drive.options["import-from"];
  let bytes = Math.ceil((Number(gib) * KIB ** 3) / KIB) * KIB;
  let format = drive.options.format;
  if (source !== undefined) {
    bytes = importSize(call, source);
    format ??= isThin(storage) ? "raw" : call.world.volumes[source]?.format;
  } else if (drive.key === "efidisk0") {
    bytes = roundedSize(storage, EFI_BYTES[drive.options.efitype === "4m" ? "4m" : "2m"]);
  } else if (drive.key === "tpmstate0") {
    bytes = TPM_BYTES;
  }
  drive.file = allocate(call.world, call.clock, { storage: id, vmid, format, bytes }, log).volid;
  drive.options.size = String(bytes);
  Reflect.deleteProperty(drive.options, "import-from");
}

export interface Made {
  /** Canonical text for the configuration. */
  readonly text: string;
  /** Volume that was allocated for it, if any. */
  readonly volid?: string;
}

/**
 * Makes what a drive's parameter asks for: a new volume, an import, a cloud-init image; or looks an existing one up.
 * @param config the VM's keys, to find a cloud-init drive it has already
 * @throws Problem 500 in the storage's words
 */
export function makeDrive(
  call: Call,
  vmid: number,
  key: string,
  text: string,
  config: Readonly<Record<string, string>>,
  log: Log,
): Made {
  const drive = parseDrive(key, text);
  if (drive.file === "none" || drive.file === "cdrom") {
    Reflect.deleteProperty(drive.options, "size");
    return { text: printDrive(drive) };
  }
  const isNew = drive.file.endsWith(":cloudinit") || NEW_DISK.test(drive.file);
  if (isNew) {
    if (drive.file.endsWith(":cloudinit")) makeCloudinit(call, vmid, drive, cloudinitSlot(config, key), log);
    else makeDisk(call, vmid, drive, log);
    Reflect.deleteProperty(drive.options, "format");
    log(`${key}: successfully created disk '${printDrive(drive)}'`);
    return { text: printDrive(drive), volid: drive.file };
  }
  drive.options.size = String(volumeSize(call.world, drive.file));
  return { text: printDrive(drive) };
}

/** Keeps a volume that a slot let go of as the first free `unusedN`; a cloud-init image is freed instead. */
export function registerUnused(call: Call, vm: Vm, key: string, text: string, log: Log): void {
  const drive = parseDrive(key, text);
  if (isCloudinit(drive)) {
    free(call.world, drive.file, log);
    vm.cloudinit = {};
    return;
  }
  if (isCdrom(drive) || storageOf(drive.file) === undefined || ownerOf(drive.file) !== vm.vmid) return;
  let index = 0;
  for (; vm.config[`unused${index}`] !== undefined; index += 1) {
    if (vm.config[`unused${index}`] === drive.file) return;
  }
  vm.config[`unused${index}`] = drive.file;
}

/** Whether a volume is the VM's own, on a storage: only such a one is ever freed. */
export const isOwnVolume = (vm: Vm, drive: Drive): boolean =>
  storageOf(drive.file) !== undefined && ownerOf(drive.file) === vm.vmid && (!isCdrom(drive) || isCloudinit(drive));
