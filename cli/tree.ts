/** What was made, as a tree for the terminal. Pure: from the stack's outputs to text. */
import treeify from "object-treeify";
import { z } from "zod";

/** The outputs of index.ts that are shown. */
export const Outputs = z.object({
  hypervisor: z.object({ node: z.string(), endpoint: z.string() }),
  storages: z.record(z.string(), z.string()),
  vms: z.record(
    z.string(),
    z.object({
      vmid: z.number(),
      hostname: z.string(),
      address: z.string().optional(),
      state: z.string().optional(),
      cpu: z.string(),
      memory: z.string(),
      disks: z.record(z.string(), z.string()),
      pending: z.array(z.string()),
    }),
  ),
  notKnown: z.array(z.string()),
});

export type Outputs = z.output<typeof Outputs>;

interface Branch {
  readonly [label: string]: Branch | null;
}

const leaves = (lines: readonly string[]): Branch => Object.fromEntries(lines.map((line) => [line, null]));

/** Storages, then VMs by VMID with their figures, disks and what waits for a reboot. */
export function renderTree({ hypervisor, storages, vms, notKnown }: Outputs): string {
  const width = Math.max(0, ...Object.keys(storages).map((id) => id.length));
  const machines = Object.values(vms).sort((a, b) => a.vmid - b.vmid);
  const tree: Branch = {
    [`${hypervisor.node}  ${hypervisor.endpoint}`]: {
      storages: leaves(Object.entries(storages).map(([id, text]) => `${id.padEnd(width)}  ${text}`)),
      VMs: Object.fromEntries(machines.map((vm) => [vmLine(vm), leaves(vmLines(vm))])),
      ...(notKnown.length > 0 && { "not known": leaves(notKnown) }),
    },
  };
  return treeify(tree);
}

type Machine = Outputs["vms"][string];

const vmLine = ({ vmid, hostname, state, address }: Machine): string =>
  [vmid, hostname, state, address].filter((part) => part !== undefined).join("  ");

const vmLines = ({ cpu, memory, disks, pending }: Machine): string[] => [
  `${cpu}, ${memory}`,
  ...Object.entries(disks).map(([slot, text]) => `${slot}  ${text}`),
  ...(pending.length > 0 ? [`waits for a reboot: ${pending.join(", ")}`] : []),
];
