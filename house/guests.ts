/** What is inside the VMs of a house, with what they have in common. Pure. */
import type { z } from "zod";
import { vmAddress } from "./addresses";
import { merge } from "./merge";
import type { Draft, House } from "./schema";
import type { guest } from "./sections/guest";

type Given = z.output<typeof guest>;

/** One guest with everything that it takes to reach it. */
export interface KnownGuest extends Given {
  /** Dotted. */
  readonly address: string;
  readonly user: string;
}

type Guarded = Pick<Draft, "guests" | "network"> & { readonly vms?: Draft["vms"] };

/** What a VM's guest has: the house's, with its own above it. `undefined` where the house doesn't look inside the VM. */
export function guestOf(house: Guarded, name: string): Given | undefined {
  const vm = house.vms?.[name];
  return vm?.guest && merge(house.guests ?? {}, vm.guest);
}

/** Who logs in: the guest's user, or the one that cloud-init makes. */
export const loginOf = (house: Guarded, name: string): string | undefined =>
  guestOf(house, name)?.user ?? house.vms?.[name]?.cloudInit?.user;

/** By short name of the VM: those that are looked into, and that run. */
export function knownGuests(house: House): Record<string, KnownGuest> {
  return Object.fromEntries(
    Object.entries(house.vms).flatMap(([name, vm]) => {
      const [given, address, user] = [guestOf(house, name), vmAddress(house, vm), loginOf(house, name)];
      return given === undefined || address === undefined || user === undefined
        ? []
        : [[name, { ...given, address, user }] as const];
    }),
  );
}
