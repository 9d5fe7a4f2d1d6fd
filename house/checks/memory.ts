/** RAM adds up: a VM keeps no more than it has, and what all keep is there. Pure. */
import type { Problem } from "../../values/problem";
import { formatSize, parseSize } from "../../values/size";
import { capacity } from "../capacity";
import type { Draft } from "../schema";

/** RAM below which Proxmox refuses a VM (PVE 8.4: `memory`, minimum 16). */
const LEAST = 16 * 1024 ** 2;

export function memoryProblems(draft: Draft): Problem[] {
  const { running, host } = capacity(draft);
  const short = host.memory !== undefined && running.balloon > host.memory;
  return [
    ...Object.entries(draft.vms ?? {}).flatMap(([name, { memory, balloon }]): Problem[] => {
      const path = `vms.${name}`;
      const [most, least] = [memory, balloon].map((size) => (size === undefined ? undefined : parseSize(size)));
      const tooLittle =
        most !== undefined && most < LEAST
          ? [{ path: `${path}.memory`, value: memory, rule: "Proxmox gives a VM 16MiB at least", fix: "give it more" }]
          : [];
      if (most === undefined || least === undefined || least <= most) return tooLittle;
      const rule = `a VM can't keep more RAM than the ${memory ?? ""} it has`;
      return [...tooLittle, { path: `${path}.balloon`, value: balloon, rule, fix: "lower balloon, or raise memory" }];
    }),
    ...(short
      ? [
          {
            path: "hypervisor.memory",
            value: draft.hypervisor?.memory,
            rule: `the running VMs keep ${formatSize(running.balloon)} at least (balloon, or memory where there is none)`,
            fix: "lower balloon of some, stop one, or give the host more RAM",
          },
        ]
      : []),
  ];
}
