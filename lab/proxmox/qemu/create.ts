/** `POST /nodes/{node}/qemu`: a VMID is claimed at once, the rest is a task that leaves nothing behind when it fails. */
import { isRoot } from "../access/identity";
import { may } from "../access/permissions";
import type { Call } from "../call";
import { startTask } from "../startTask";
import type { Work } from "../tasks";
import { free } from "../storage/volumes";
import type { Vm } from "../world";
import { Problem } from "../wire/problem";
import { defaultBoot } from "./boot";
import { checkDrive, makeDrive } from "./disks";
import { guardBridge, guardDevice, guardDrive, guardKeys, guardStorages } from "./guards";
import { canonicalNet } from "./net";
import { settle } from "./pending";
import { startVm } from "./power";
import { checkSshKeys, hashedPassword, isWindows, PINNED_MACHINE } from "./values";
import { isDisk, isNet } from "./volumeKeys";

/** Parameters that are no key of the configuration. */
const NOT_CONFIG = [
  "node",
  "vmid",
  "start",
  "pool",
  "storage",
  "archive",
  "force",
  "unique",
  "bwlimit",
  "live-restore",
  "import-working-storage",
  "cdrom",
];

function wantedConfig(params: Readonly<Record<string, string>>): Record<string, string> {
  const config = Object.fromEntries(Object.entries(params).filter(([key]) => !NOT_CONFIG.includes(key)));
  if (params.cdrom !== undefined)
    config.ide2 = params.cdrom.includes("media=") ? params.cdrom : `${params.cdrom},media=cdrom`;
  return config;
}

function guard(call: Call, vmid: number, config: Readonly<Record<string, string>>): void {
  const { world, who, params } = call;
  if (params.pool !== undefined) throw Problem.denied(`pool '${params.pool}' does not exist`);
  if (!may(world, who, `/vms/${vmid}`, "VM.Allocate")) throw Problem.denied();
  guardStorages(call, vmid, config);
  guardKeys(call, vmid, Object.keys(config));
  for (const [key, value] of Object.entries(config)) {
    guardDevice(call, vmid, key, undefined, value);
    if (isNet(key)) guardBridge(call, value);
    if (isDisk(key) && !isRoot(who)) guardDrive(call, vmid, key, value);
  }
}

/** What Proxmox adds of its own, unless the caller said it. */
function completed(call: Call, config: Readonly<Record<string, string>>): Record<string, string> {
  const { boot = defaultBoot(config), smbios1 = `uuid=${call.clock.uuid()}`, vmgenid = "1" } = config;
  const pins = isWindows(config.ostype) && config.machine === undefined;
  const pinned: Record<string, string> = pins ? { machine: PINNED_MACHINE } : {};
  return { ...config, ...pinned, boot, smbios1, vmgenid: vmgenid === "1" ? call.clock.uuid() : vmgenid };
}

function build(call: Call, vm: Vm, wanted: Record<string, string>, log: (line: string) => void): void {
  const made: string[] = [];
  const config: Record<string, string> = { ...wanted, meta: `creation-qemu=9.2.0,ctime=${call.clock.now()}` };
  try {
    for (const key of Object.keys(wanted).filter(isDisk).sort()) {
      const result = makeDrive(call, vm.vmid, key, wanted[key] ?? "", config, log);
      config[key] = result.text;
      if (result.volid !== undefined) made.push(result.volid);
    }
    vm.config = completed(call, config);
    settle(vm);
  } catch (error) {
    for (const volid of made) free(call.world, volid, log);
    Reflect.deleteProperty(call.world.vms, vm.vmid);
    if (error instanceof Problem) throw Problem.failed(`unable to create VM ${vm.vmid} - ${error.text}`);
    throw error;
  }
}

export function createVm(call: Call): string {
  const { world, params } = call;
  const vmid = Number(params.vmid);
  const config = wantedConfig(params);
  if (config.sshkeys !== undefined) checkSshKeys(config.sshkeys);
  guard(call, vmid, config);
  for (const key of Object.keys(config).sort()) {
    if (isDisk(key)) config[key] = checkDrive(key, config[key] ?? "");
    if (isNet(key)) config[key] = canonicalNet(key, config[key] ?? "", call.clock.mac);
  }
  if (config.cipassword !== undefined) config.cipassword = hashedPassword(config.cipassword);
  if (world.vms[vmid])
    throw Problem.failed(`unable to create VM ${vmid} - VM ${vmid} already exists on node '${world.node.name}'`);
  const vm: Vm = { vmid, config: { lock: "create" }, pending: {}, deletes: {}, cloudinit: {} };
  world.vms[vmid] = vm;
  const work: Work = async (log) => {
    await call.locks.hold(vmid, () => {
      build(call, vm, config, log);
    });
    if (params.start !== "1") return;
    try {
      await startVm(call, vm, log);
    } catch (error) {
      // Proxmox only warns: the task is OK although the VM is not running.
      if (!(error instanceof Problem)) throw error;
      log(error.text);
    }
  };
  // A creation that fails leaves no VM behind.
  return startTask(call, "qmcreate", vmid, { work, undo: () => Reflect.deleteProperty(world.vms, vmid) });
}
