/** Starting and stopping VMs: pending changes are taken up on the way, and a start that QEMU would refuse fails. */
import { vmidOf, type Call } from "../call";
import { startTask } from "../startTask";
import { volumeSize } from "../storage/volumes";
import type { Vm } from "../world";
import { Problem } from "../wire/problem";
import { isRoot } from "../access/identity";
import { parseDrive, storageOf } from "./drive";
import { checkLock, vmNamed } from "./find";
import { applyPending } from "./pending";
import { isDisk, isNet } from "./volumeKeys";

type Log = (line: string) => void;

export const guestCpus = (config: Readonly<Record<string, string>>): number =>
  Number(config.sockets ?? 1) * Number(config.cores ?? config.smp ?? 1);

function checkStart(call: Call, vm: Vm): void {
  const { node } = call.world;
  if (guestCpus(vm.config) > node.cpus) throw Problem.failed(`MAX ${node.cpus} vcpus allowed per VM on this node`);
  if (vm.config.hotplug?.includes("memory") && vm.config.numa !== "1")
    throw Problem.failed("NUMA needs to be enabled for memory hotplug");
  for (const [key, value] of Object.entries(vm.config)) {
    if (isDisk(key)) {
      const { file } = parseDrive(key, value);
      if (storageOf(file) !== undefined || file.startsWith("/")) volumeSize(call.world, file);
    }
    const bridge = isNet(key) ? /(?:^|,)bridge=([^,]+)/.exec(value)?.[1] : undefined;
    if (bridge !== undefined && !node.bridges.includes(bridge))
      throw Problem.failed(`bridge '${bridge}' does not exist`);
  }
}

/** @throws Problem 500 as the start task's error */
export function startVm(call: Call, vm: Vm, log: Log): void {
  checkLock(vm, skipsLock(call));
  if (vm.config.template === "1") throw Problem.failed("you can't start a vm if it's a template");
  if (vm.running) throw Problem.failed(`VM ${vm.vmid} already running`);
  applyPending(call, vm, log);
  checkStart(call, vm);
  vm.cloudinit = {};
  vm.running = { pid: call.world.nextPid++, since: call.clock.now() };
}

/** A VM that is stopped already stays so without complaint. */
export function stopVm(call: Call, vm: Vm, log: Log): void {
  checkLock(vm, skipsLock(call));
  if (!vm.running) return;
  vm.running = undefined;
  applyPending(call, vm, log);
}

const skipsLock = (call: Call): boolean => call.params.skiplock === "1";

function guardSkipLock(call: Call): void {
  if (skipsLock(call) && !isRoot(call.who)) throw Problem.parameters({ skiplock: "Only root may use this option." });
}

/** A status change as a task of its own; a missing VM is the task's error, not the request's. */
const change =
  (type: string, act: (call: Call, vm: Vm, log: Log) => void, needsVm: boolean) =>
  (call: Call): string => {
    guardSkipLock(call);
    if (needsVm) vmNamed(call.world, vmidOf(call));
    return startTask(call, type, vmidOf(call), (log) =>
      call.locks.hold(vmidOf(call), () => {
        act(call, vmNamed(call.world, vmidOf(call)), log);
      }),
    );
  };

export const start = change("qmstart", startVm, false);
export const stop = change("qmstop", stopVm, false);
export const shutdown = change("qmshutdown", stopVm, false);

const rebootVm = (call: Call, vm: Vm, log: Log): void => {
  stopVm(call, vm, log);
  startVm(call, vm, log);
};

export function reboot(call: Call): string {
  const vm = vmNamed(call.world, vmidOf(call));
  if (!vm.running) throw Problem.failed(`VM ${vm.vmid} not running`);
  return change("qmreboot", rebootVm, true)(call);
}
