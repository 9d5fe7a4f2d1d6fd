/** The VMs of the house, each after what it is made from. Wiring only. */
import { cloneSource } from "../house/checks/clones";
import type { House } from "../house/schema";
import { declarable } from "../house/unknowns";
import type { Images } from "./images";
import type { Storages } from "./storages";
import { VirtualMachine } from "./virtualMachine";

/** By short name, in the house's order. A VM that another one is a copy of is declared before it. */
export function declareMachines(
  house: House,
  storages: Storages,
  images: Images | undefined,
): Record<string, VirtualMachine> {
  const known = declarable(house);
  const made: Record<string, VirtualMachine> = {};
  const make = (name: string): VirtualMachine[] => {
    const vm = known[name];
    if (vm === undefined) return [];
    // The house's checks let no copy lead back to itself.
    const source = cloneSource(house, name);
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
