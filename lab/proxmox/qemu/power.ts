/** Starting and stopping VMs: pending changes are taken up on the way, and a start that QEMU would refuse fails. */
import { vmidOf, type Call } from "../call";
import { startTask } from "../startTask";
import { volumeSize } from "../storage/volumes";
import type { Vm, World } from "../world";
import { Problem } from "../wire/problem";
import { isRoot } from "../access/identity";
import type { Machines, MachineSpec } from "../machines";
import { isCdrom, parseDrive, storageOf } from "./drive";
import { checkLock, vmNamed } from "./find";
import { applyPending } from "./pending";
import { isDisk, isNet } from "./volumeKeys";

type Log = (line: string) => void;
type Act = (call: Call, vm: Vm, log: Log) => void | Promise<void>;

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

/** What the VM's machine is made of; a CD is no disk of its. */
function specOf(world: World, vm: Vm): MachineSpec {
  const disks = Object.keys(vm.config).flatMap((key) => {
    const drive = isDisk(key) ? parseDrive(key, vm.config[key] ?? "") : undefined;
    const isOwn = drive !== undefined && !isCdrom(drive) && storageOf(drive.file) !== undefined;
    return isOwn ? [[key, volumeSize(world, drive.file)] as const] : [];
  });
  return { vmid: vm.vmid, config: { ...vm.config }, disks: Object.fromEntries(disks) };
}

/** @throws Problem 500 as the start task's error */
export function startVm(call: Call, vm: Vm, log: Log): void | Promise<void> {
  checkLock(vm, skipsLock(call));
  if (vm.config.template === "1") throw Problem.failed("you can't start a vm if it's a template");
  if (vm.running) throw Problem.failed(`VM ${vm.vmid} already running`);
  applyPending(call, vm, log);
  checkStart(call, vm);
  const { machines } = call;
  const runs = (): void => {
    vm.cloudinit = {};
    vm.running = { pid: call.world.nextPid++, since: call.clock.now() };
  };
  if (machines !== undefined) return boot(machines, specOf(call.world, vm)).then(runs);
  runs();
}

async function boot(machines: Machines, spec: MachineSpec): Promise<void> {
  try {
    await machines.start(spec);
  } catch (error) {
    throw Problem.failed(`start failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Machines end with the lab: those of VMs that ran are started again, as a node's are after its power came back. */
export async function resumeVms(world: World, machines: Machines): Promise<void> {
  const ran = Object.values(world.vms).filter(({ running }) => running !== undefined);
  await Promise.all(
    ran.map(async (vm) => {
      await machines.start(specOf(world, vm)).catch(() => (vm.running = undefined));
    }),
  );
}

const isDown = (call: Call, vm: Vm, log: Log): void => {
  vm.running = undefined;
  applyPending(call, vm, log);
};

/** A VM that is stopped already stays so without complaint. */
export function stopVm(call: Call, vm: Vm, log: Log): void | Promise<void> {
  checkLock(vm, skipsLock(call));
  if (!vm.running) return;
  if (call.machines === undefined) {
    isDown(call, vm, log);
    return;
  }
  return call.machines.stop(vm.vmid).then(() => {
    isDown(call, vm, log);
  });
}

/** How long a guest may take to shut down, as in Proxmox, unless the call says another. */
const SHUTDOWN_S = 180;

/** Asks the guest; what is simulated obeys at once. @throws Problem 500 where it does not within the time */
function shutdownVm(call: Call, vm: Vm, log: Log): void | Promise<void> {
  const { machines, params } = call;
  if (machines === undefined || !vm.running) return stopVm(call, vm, log);
  checkLock(vm, skipsLock(call));
  return machines.shutdown(vm.vmid, Number(params.timeout ?? SHUTDOWN_S) * 1000).then((obeyed) => {
    if (obeyed) isDown(call, vm, log);
    else if (params.forceStop === "1") return stopVm(call, vm, log);
    else throw Problem.failed("VM quit/powerdown failed - got timeout");
  });
}

const skipsLock = (call: Call): boolean => call.params.skiplock === "1";

function guardSkipLock(call: Call): void {
  if (skipsLock(call) && !isRoot(call.who)) throw Problem.parameters({ skiplock: "Only root may use this option." });
}

/** A status change as a task of its own; a missing VM is the task's error, not the request's. */
const change =
  (type: string, act: Act, needsVm: boolean) =>
  (call: Call): string => {
    guardSkipLock(call);
    if (needsVm) vmNamed(call.world, vmidOf(call));
    return startTask(call, type, vmidOf(call), (log) =>
      call.locks.hold(vmidOf(call), () => act(call, vmNamed(call.world, vmidOf(call)), log)),
    );
  };

export const start = change("qmstart", startVm, false);
export const stop = change("qmstop", stopVm, false);
export const shutdown = change("qmshutdown", shutdownVm, false);

function rebootVm(call: Call, vm: Vm, log: Log): void | Promise<void> {
  const down = shutdownVm(call, vm, log);
  return down === undefined ? startVm(call, vm, log) : down.then(() => startVm(call, vm, log));
}

function resetVm(call: Call, vm: Vm): void | Promise<void> {
  checkLock(vm, skipsLock(call));
  return call.machines?.reset(vm.vmid);
}

/** Only what runs can be reset or rebooted: that is the request's error, not the task's. */
const ofRunning =
  (type: string, act: Act) =>
  (call: Call): string => {
    const vm = vmNamed(call.world, vmidOf(call));
    if (!vm.running) throw Problem.failed(`VM ${vm.vmid} not running`);
    return change(type, act, true)(call);
  };

export const reset = ofRunning("qmreset", resetVm);
export const reboot = ofRunning("qmreboot", rebootVm);
