/** Who may set, change or delete which key of a VM, in Proxmox's order and words. Pure over the call's world. */
import { isRoot } from "../access/identity";
import { demand, may } from "../access/permissions";
import type { Call } from "../call";
import { contentTypeOf, storageNamed } from "../storage/volumes";
import { storageContent } from "../storage/definition";
import { Problem } from "../wire/problem";
import { isCdrom, isCloudinit, NEW_DISK, ownerOf, parseDrive, storageOf, type Drive } from "./drive";
import { isDisk } from "./volumeKeys";

const CPU = new Set(["cores", "cpu", "cpulimit", "cpuunits", "numa", "smp", "sockets", "vcpus"]);
const MEMORY = new Set(["memory", "balloon", "shares"]);
const HARDWARE = new Set([
  "acpi",
  "hotplug",
  "kvm",
  "machine",
  "scsihw",
  "smbios1",
  "tablet",
  "vga",
  "watchdog",
  "audio0",
  "rng0",
]);
const OPTIONS = new Set([
  ...[
    "agent",
    "autostart",
    "bios",
    "description",
    "keyboard",
    "localtime",
    "migrate_downtime",
    "migrate_speed",
    "name",
  ],
  ...["onboot", "ostype", "protection", "reboot", "startdate", "startup", "tdf", "template", "tags"],
]);
const DISK = new Set(["boot", "bootdisk", "vmstatestorage"]);
const CLOUDINIT = /^(cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;

function privilegesFor(key: string): readonly string[] | undefined {
  if (CPU.has(key) || /^numa\d+$/.test(key)) return ["VM.Config.CPU"];
  if (MEMORY.has(key)) return ["VM.Config.Memory"];
  if (HARDWARE.has(key)) return ["VM.Config.HWType"];
  if (OPTIONS.has(key)) return ["VM.Config.Options"];
  if (key === "freeze") return ["VM.PowerMgmt"];
  if (DISK.has(key)) return ["VM.Config.Disk"];
  if (/^net\d+$/.test(key)) return ["VM.Config.Network"];
  return CLOUDINIT.test(key) ? ["VM.Config.Cloudinit", "VM.Config.Network"] : undefined;
}

/** @throws Problem 403 for a missing privilege, 500 for keys that only root@pam's own login may touch */
export function guardKeys(call: Call, vmid: number, keys: readonly string[]): void {
  if (isRoot(call.who)) return;
  for (const key of keys) {
    if (isDisk(key) || key === "cdrom" || /^(unused|serial|usb|hostpci)\d+$/.test(key)) continue;
    const privileges = privilegesFor(key);
    if (!privileges) throw Problem.failed(`only root can set '${key}' config`);
    demand(call.world, call.who, `/vms/${vmid}`, privileges, true);
    if (key === "startup") demand(call.world, call.who, "/", ["Sys.Modify"]);
  }
}

/** Values that stand for a device of the host itself. */
const isRealDevice = (key: string, value: string): boolean => {
  if (key.startsWith("serial")) return value !== "socket";
  if (key.startsWith("hostpci")) return !/(^|,)mapping=/.test(value);
  return key.startsWith("usb") && !/(^|,)(host=)?spice(,|$)|(^|,)mapping=/i.test(value);
};

/** Host devices are root@pam's alone: to set, and to take from a VM that has one. */
export function guardDevice(
  call: Call,
  vmid: number,
  key: string,
  old: string | undefined,
  value: string | undefined,
  verb = "set",
): void {
  if (isRoot(call.who) || !/^(serial|usb|hostpci)\d+$/.test(key)) return;
  const kind = key.startsWith("hostpci") ? "non-mapped" : "real";
  for (const text of [old, value]) {
    if (text !== undefined && isRealDevice(key, text))
      throw Problem.failed(`only root can ${verb} '${key}' config for ${kind} devices`);
  }
  demand(call.world, call.who, `/vms/${vmid}`, ["VM.Config.HWType"]);
  for (const text of [old, value]) {
    const mapping = /(?:^|,)mapping=([^,]+)/.exec(text ?? "")?.[1];
    const type = key.startsWith("hostpci") ? "pci" : "usb";
    if (mapping !== undefined) demand(call.world, call.who, `/mapping/${type}/${mapping}`, ["Mapping.Use"]);
  }
}

function guardVolume(call: Call, vmid: number, file: string): void {
  const { world, who } = call;
  const id = storageOf(file);
  if (id === undefined) {
    if (isRoot(who)) return;
    throw Problem.failed("Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 569.");
  }
  const type = contentTypeOf(world, file);
  if (may(world, who, `/storage/${id}`, "Datastore.Allocate")) return;
  if (["iso", "vztmpl", "import"].includes(type)) {
    demand(world, who, `/storage/${id}`, ["Datastore.AllocateSpace", "Datastore.Audit"], true);
    return;
  }
  const owner = ownerOf(file);
  if (owner === vmid) return;
  if (owner === undefined) throw Problem.failed(`missing privileges to access ${file}`);
  demand(world, who, `/storage/${id}`, ["Datastore.Audit"]);
  demand(world, who, `/vms/${owner}`, ["VM.Config.Disk"]);
}

function guardSource(call: Call, vmid: number, drive: Drive): void {
  const source = drive.options["import-from"];
  if (source === undefined) return;
  if (storageOf(source) !== undefined) {
    const type = contentTypeOf(call.world, source);
    if (type !== "images" && type !== "import")
      throw Problem.parameters({
        [drive.key]: `${source} has wrong type '${type}' - needs to be 'images' or 'import'`,
      });
    const owner = ownerOf(source);
    if (owner !== undefined) {
      demand(call.world, call.who, `/vms/${owner}`, ["VM.Clone"]);
      return;
    }
  }
  guardVolume(call, vmid, source);
}

function guardTarget(call: Call, vmid: number, drive: Drive): void {
  const { world, who } = call;
  if (drive.file === "" || drive.file === "none" || /^(\S+:)?cloudinit$/.test(drive.file)) return;
  if (drive.file === "cdrom") {
    demand(world, who, "/", ["Sys.Console"]);
    return;
  }
  const fresh = isCdrom(drive) ? null : NEW_DISK.exec(drive.file);
  if (fresh) {
    const id = fresh[1] ?? "";
    demand(world, who, `/storage/${id}`, ["Datastore.AllocateSpace"]);
    if (!storageContent(storageNamed(world, id)).includes("images"))
      throw Problem.parameters({ storage: `storage '${id}' does not support vm images` });
    return;
  }
  guardVolume(call, vmid, drive.file);
  if (storageOf(drive.file) !== undefined && !["images", "iso"].includes(contentTypeOf(world, drive.file)))
    throw Problem.parameters({ [drive.key]: "content type needs to be 'images' or 'iso'" });
}

/** Storages, volumes and paths that the drives among the parameters name. */
export function guardStorages(call: Call, vmid: number, params: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(params).filter(isDisk).sort()) {
    const drive = parseDrive(key, params[key] ?? "");
    guardTarget(call, vmid, drive);
    guardSource(call, vmid, drive);
  }
}

/** A drive's own privilege: disks and CD-ROMs have one each, a cloud-init drive takes two. */
export function guardDrive(call: Call, vmid: number, key: string, text: string): void {
  const drive = parseDrive(key, text);
  const needed = isCdrom(drive) ? ["VM.Config.CDROM"] : ["VM.Config.Disk"];
  demand(
    call.world,
    call.who,
    `/vms/${vmid}`,
    isCloudinit(drive) ? ["VM.Config.Cloudinit", "VM.Config.CDROM"] : needed,
  );
}

/** Bridges are the zone `localnetwork`'s: using one takes `SDN.Use`. */
export function guardBridge(call: Call, net: string | undefined): void {
  const bridge = net === undefined ? undefined : /(?:^|,)bridge=([^,]+)/.exec(net)?.[1];
  if (bridge !== undefined) demand(call.world, call.who, `/sdn/zones/localnetwork/${bridge}`, ["SDN.Use"]);
}
