/** What tells one VM from another is given out once: VMID, host name, MAC, a disk of the host; and services once a VM. Pure. */
import type { Problem } from "../../values/problem";
import type { Draft } from "../schema";

interface Given {
  readonly path: string;
  readonly value: string;
  /** What counts as the same. @default the value */
  readonly as?: string;
}

function twice(given: readonly Given[], fix: string): Problem[] {
  const first = new Map<string, string>();
  return given.flatMap(({ path, value, as = value }) => {
    const taken = first.get(as);
    first.set(as, taken ?? path);
    return taken === undefined ? [] : [{ path, value, rule: `is given at ${taken} already`, fix }];
  });
}

export function identityProblems({ vms = {} }: Draft): Problem[] {
  const all = Object.entries(vms);
  const vmids = all.flatMap(([name, { vmid }]) =>
    vmid === undefined ? [] : [{ path: `vms.${name}.vmid`, value: String(vmid) }],
  );
  const names = all.map(([name, vm]) => {
    const value = vm.hostname ?? name;
    return { path: `vms.${name}.hostname`, value, as: value.toLowerCase() };
  });
  const macs = all.flatMap(([name, vm]) =>
    Object.entries(vm.nics).flatMap(([slot, { mac }]) =>
      mac === undefined ? [] : [{ path: `vms.${name}.nics.${slot}.mac`, value: mac, as: mac.toLowerCase() }],
    ),
  );
  const disks = all.flatMap(([name, vm]) =>
    Object.entries(vm.disks ?? {}).flatMap(([slot, disk]) =>
      disk.physical && disk.path !== undefined ? [{ path: `vms.${name}.disks.${slot}.path`, value: disk.path }] : [],
    ),
  );
  return [
    ...twice(vmids, "give each VM its own VMID"),
    ...twice(names, "give each VM its own host name"),
    ...twice(macs, "give each NIC its own MAC, or leave it to Proxmox"),
    ...twice(disks, "hand a disk to one VM only"),
    ...all.flatMap(([name, vm]) =>
      twice(
        vm.services.map(({ stack }, index) => ({ path: `vms.${name}.services.${index}`, value: stack })),
        "name each service of a VM once",
      ),
    ),
  ];
}
