/** A VM's status, as the list, `status/current` and the cluster's resources show it. Pure. */
import { agentFormat } from "./formats";
import type { Vm, World } from "../world";
import { parseProperties } from "../wire/properties";
import { sizeDisk } from "./boot";
import { parseDrive } from "./drive";
import { memoryMib } from "./values";
import { isDisk, isNet } from "./volumeKeys";
import { guestCpus } from "./power";

const MIB = 1024 ** 2;

const agentIsOn = (text: string | undefined): boolean =>
  text !== undefined && parseProperties(agentFormat, text, "agent").enabled === "1";

function maxDisk(vm: Vm): number {
  const key = sizeDisk(vm.config);
  return key === undefined ? 0 : Number(parseDrive(key, vm.config[key] ?? "none").options.size ?? 0);
}

export interface VmStatus {
  readonly vmid: number;
  readonly name: string;
  readonly status: "running" | "stopped";
  readonly cpus: number;
  readonly maxmem: number;
  readonly maxdisk: number;
  readonly [key: string]: unknown;
}

/** As in the list of a node's VMs. */
export function vmStatus(world: World, vm: Vm, now: number): VmStatus {
  const { config, running } = vm;
  const balloon = Number(config.balloon ?? 0);
  const maxmem = memoryMib(config.memory) * MIB;
  return {
    vmid: vm.vmid,
    name: config.name ?? `VM ${vm.vmid}`,
    status: running ? "running" : "stopped",
    cpus: Math.min(Number(config.vcpus ?? guestCpus(config)), world.node.cpus),
    maxmem,
    maxdisk: maxDisk(vm),
    ...{ cpu: 0, disk: 0, diskread: 0, diskwrite: 0, netin: 0, netout: 0 },
    mem: running ? Math.min(maxmem, 10 * MIB) : 0,
    uptime: running ? Math.max(0, now - running.since) : 0,
    ...(running ? { pid: running.pid } : {}),
    ...(balloon > 0 ? { balloon_min: balloon * MIB, shares: Number(config.shares ?? 1000) } : {}),
    ...(config.tags === undefined ? {} : { tags: config.tags }),
    ...(config.template === "1" ? { template: 1 } : {}),
    ...(config.lock === undefined ? {} : { lock: config.lock }),
    ...(Object.keys(config).some((key) => key.startsWith("serial")) ? { serial: 1 } : {}),
  };
}

/** What only a running guest has; the recorded node ran QEMU 7.2. */
function guestFigures(vm: Vm): Record<string, unknown> {
  const disks = Object.keys(vm.config).filter(isDisk);
  const nics = Object.keys(vm.config).filter(isNet);
  const perDisk = disks.map((key) => [key, { rd_bytes: 0, wr_bytes: 0 }]);
  const perNic = nics.map((key) => [`tap${vm.vmid}i${key.slice(3)}`, { netin: 0, netout: 0 }]);
  const machine = vm.config.machine?.includes("q35") ? "pc-q35-7.2" : "pc-i440fx-7.2";
  return {
    ...{ "proxmox-support": {}, "running-machine": machine, "running-qemu": "7.2.22" },
    ...(disks.length > 0 ? { blockstat: Object.fromEntries(perDisk) as unknown } : {}),
    ...(nics.length > 0 ? { nics: Object.fromEntries(perNic) as unknown } : {}),
  };
}

/** As `status/current` shows it. */
export function currentStatus(world: World, vm: Vm, now: number): Record<string, unknown> {
  return {
    ...vmStatus(world, vm, now),
    ha: { managed: 0 },
    qmpstatus: vm.running ? "running" : "stopped",
    ...(agentIsOn(vm.config.agent) ? { agent: 1 } : {}),
    ...(vm.config.vga === undefined ? {} : { clipboard: null }),
    ...(vm.running ? guestFigures(vm) : {}),
  };
}

/** As in `/cluster/resources`. */
export function vmResource(world: World, vm: Vm, now: number): Record<string, unknown> {
  const { cpus, vmid, name, status, maxmem, maxdisk, mem, uptime, tags, lock } = vmStatus(world, vm, now);
  return {
    id: `qemu/${vmid}`,
    type: "qemu",
    node: world.node.name,
    ...{ vmid, name, status, maxmem, maxdisk, mem, uptime, maxcpu: cpus },
    ...{ cpu: 0, disk: 0, diskread: 0, diskwrite: 0, netin: 0, netout: 0 },
    template: vm.config.template === "1" ? 1 : 0,
    ...(tags === undefined ? {} : { tags }),
    ...(lock === undefined ? {} : { lock }),
  };
}
