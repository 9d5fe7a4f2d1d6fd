/** The VMs of the house, each after what it is made from. Wiring only. */
import { cloneSource } from "../house/checks/clones";
import type { House } from "../house/schema";
import { declarable } from "../house/unknowns";
import type { Images } from "./images";
import type { Storages } from "./storages";
import { VirtualMachine } from "./virtualMachine";

interface Beginnings {
  readonly storages: Storages;
  readonly images: Images | undefined;
  /** Whether a VM comes after the one that it is a copy of. */
  readonly copies: boolean;
}

/** By short name, in the house's order. */
export function declareMachines(
  house: House,
  { storages, images, copies }: Beginnings,
): Record<string, VirtualMachine> {
  const known = declarable(house);
  const made: Record<string, VirtualMachine> = {};
  const make = (name: string): VirtualMachine[] => {
    const vm = known[name];
    if (vm === undefined) return [];
    // The house's checks let no copy lead back to itself.
    const source = copies ? cloneSource(house, name) : undefined;
    const dependsOn = [
      ...storages.usedBy(vm),
      ...(images?.usedBy(vm) ?? []),
      ...(source === undefined ? [] : make(source)),
    ];
    made[name] ??= new VirtualMachine(name, { house, vm }, { dependsOn });
    return [made[name]];
  };
  return Object.fromEntries(Object.keys(known).flatMap((name) => make(name).map((machine) => [name, machine])));
}
