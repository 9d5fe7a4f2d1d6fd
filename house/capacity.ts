/** What the VMs of the house take of their host, in sums. Figures that are not known count as nothing. Pure. */
import { formatSize, parseSize } from "../values/size";
import type { Draft, DraftVm, Vm } from "./schema";

export interface Demand {
  readonly vcpus: number;
  /** RAM at most, bytes. */
  readonly memory: number;
  /** RAM that is left to the VMs at least when the balloon driver takes back what it can, bytes. */
  readonly balloon: number;
}

export interface Capacity {
  /** VMs that run, or may: all but those that the house wants stopped. */
  readonly running: Demand;
  readonly all: Demand;
  /** Of the host, where known; memory in bytes. */
  readonly host: { readonly cpus?: number; readonly memory?: number };
}

/** Sockets times cores; `undefined` where not known. */
export const vcpus = (vm: Pick<Vm, "cpu">): number | undefined => vm.cpu && vm.cpu.cores * (vm.cpu.sockets ?? 1);

function demand(vm: DraftVm): Demand {
  const memory = parseSize(vm.memory ?? "0B") ?? 0;
  // 0 turns ballooning off: nothing is taken back then.
  const balloon = vm.balloon === undefined ? 0 : (parseSize(vm.balloon) ?? 0);
  return { vcpus: vcpus(vm) ?? 0, memory, balloon: balloon === 0 ? memory : balloon };
}

const sum = (vms: readonly DraftVm[]): Demand =>
  vms.map(demand).reduce(
    (total, one) => ({
      vcpus: total.vcpus + one.vcpus,
      memory: total.memory + one.memory,
      balloon: total.balloon + one.balloon,
    }),
    { vcpus: 0, memory: 0, balloon: 0 },
  );

export function capacity(house: Draft): Capacity {
  const vms = Object.values(house.vms ?? {});
  const { cpus, memory } = house.hypervisor ?? {};
  return {
    running: sum(vms.filter((vm) => vm.state !== "stopped")),
    all: sum(vms),
    host: { cpus, memory: memory === undefined ? undefined : parseSize(memory) },
  };
}

/** The sums in one line, for people. */
export function capacityText(house: Draft): string {
  const { running, host } = capacity(house);
  const memory = host.memory === undefined ? "not known" : formatSize(host.memory);
  return (
    `${running.vcpus} vCPUs (host: ${host.cpus ?? "not known"}), ${formatSize(running.memory)} of RAM at most, ` +
    `${formatSize(running.balloon)} at least (host: ${memory})`
  );
}
