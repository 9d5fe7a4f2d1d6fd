/** Hardware transcoding as one setting: the graphics unit of the host as a PCI device of the VM. Pure. */
import type { Problem } from "../values/problem";
import type { Draft, DraftVm, Vm } from "./schema";
import type { PciSlot } from "./sections/device";

/** Where the graphics unit goes. */
export const TRANSCODING_SLOT: PciSlot = "hostpci0";

type Pci = NonNullable<Vm["pci"]>;

/** All PCI devices of a VM; `undefined` where the house names none, and leaves them as they are. */
export function pciOf({ pci, transcoding, machine }: Pick<Vm, "pci" | "transcoding" | "machine">): Pci | undefined {
  if (!transcoding) return pci;
  // An i440fx machine has no PCI Express bus; there, the device is a plain PCI one, which drivers take as well.
  const express = machine?.includes("q35") === true ? { pcie: true } : {};
  return { ...pci, [TRANSCODING_SLOT]: { ...transcoding, ...express } };
}

const clash = (name: string, { pci, transcoding }: DraftVm): Problem[] =>
  transcoding && pci && TRANSCODING_SLOT in pci
    ? [
        {
          path: `vms.${name}.pci.${TRANSCODING_SLOT}`,
          rule: "the slot is where transcoding puts the graphics unit",
          fix: "take another slot, or leave transcoding out and say all of it under pci",
        },
      ]
    : [];

export const transcodingProblems = ({ vms = {} }: Draft): Problem[] =>
  Object.entries(vms).flatMap(([name, vm]) => clash(name, vm));
