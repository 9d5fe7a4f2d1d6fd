/** `DELETE /nodes/{node}/qemu/{vmid}`: frees every volume that is the VM's own, and never another one. */
import { isRoot } from "../access/identity";
import { vmidOf, type Call } from "../call";
import { startTask } from "../startTask";
import { free } from "../storage/volumes";
import { Problem } from "../wire/problem";
import type { Vm } from "../world";
import { isOwnVolume } from "./disks";
import { parseDrive } from "./drive";
import { checkLock, checkProtection, vmNamed } from "./find";
import { isDisk, isUnused } from "./volumeKeys";

function ownVolumes(vm: Vm): Set<string> {
  const volumes = new Set<string>();
  for (const section of [vm.config, vm.pending]) {
    for (const key of Object.keys(section).sort()) {
      const drive = isDisk(key) || isUnused(key) ? parseDrive(key, section[key] ?? "") : undefined;
      if (drive && isOwnVolume(vm, drive)) volumes.add(drive.file);
    }
  }
  return volumes;
}

function destroy(call: Call, vm: Vm, log: (line: string) => void): void {
  const { world, params } = call;
  checkLock(vm, params.skiplock === "1");
  const own = ownVolumes(vm);
  for (const volid of own) {
    if (Object.keys(world.volumes).some((other) => other.startsWith(`${volid}/`)))
      throw Problem.failed(`base volume '${volid}' is still in use by linked cloned`);
  }
  for (const volid of own) free(world, volid, log);
  if (params["destroy-unreferenced-disks"] === "1") {
    for (const volume of Object.values(world.volumes)) {
      if (volume.vmid === vm.vmid && volume.content === "images" && world.storages[volume.storage])
        free(world, volume.volid, log);
    }
  }
  world.acl = world.acl.filter((acl) => acl.path !== `/vms/${vm.vmid}`);
  if (params.purge === "1") log(`purging VM ${vm.vmid} from related configurations..`);
  Reflect.deleteProperty(world.vms, vm.vmid);
}

export function destroyVm(call: Call): string {
  const vmid = vmidOf(call);
  if (call.params.skiplock === "1" && !isRoot(call.who))
    throw Problem.parameters({ skiplock: "Only root may use this option." });
  const check = (): Vm => {
    const vm = vmNamed(call.world, vmid);
    checkProtection(vm, `can't remove VM ${vmid}`);
    if (vm.running) throw Problem.failed(`VM ${vmid} is running - destroy failed`);
    return vm;
  };
  check();
  return startTask(call, "qmdestroy", vmid, (log) =>
    call.locks.hold(vmid, () => {
      destroy(call, check(), log);
      return call.machines?.remove(vmid);
    }),
  );
}
