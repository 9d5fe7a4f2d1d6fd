/** Finding a VM and asking for its locks and digest, in Proxmox's words. Pure over the world. */
import type { Vm, World } from "../world";
import { Problem } from "../wire/problem";
import { digestOf } from "./render";

export function vmNamed(world: World, vmid: number): Vm {
  const vm = world.vms[vmid];
  if (!vm)
    throw Problem.failed(`Configuration file 'nodes/${world.node.name}/qemu-server/${vmid}.conf' does not exist`);
  return vm;
}

/** @throws Problem 500 where the caller knew another state of the configuration */
export function checkDigest(vm: Vm, digest: string | undefined): void {
  if (digest !== undefined && digest !== "" && digest !== digestOf(vm))
    throw Problem.failed("checksum mismatch (file change by other user?)");
}

export function checkLock(vm: Vm, skip = false): void {
  if (vm.config.lock !== undefined && !skip) throw Problem.failed(`VM is locked (${vm.config.lock})`);
}

export function checkProtection(vm: Vm, what: string): void {
  if (vm.config.protection === "1") throw Problem.failed(`${what} - protection mode enabled`);
}
