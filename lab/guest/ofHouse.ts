/** Which guests a lab needs for a house. Pure. */
import { extendedSections } from "../../house/extends";
import { knownGuests } from "../../house/guests";
import { parseHouse } from "../../house/house";
import { sectionsFromStackFile } from "../../house/load";
import { declarable } from "../../house/unknowns";
import type { GuestOfVm } from "./guests";

/**
 * @param text of the stack file. @param read text of another stack's file, by its name.
 * @returns none where the house has problems: the program says those.
 */
export function guestsOfHouse(text: string, read: (file: string) => string | undefined): GuestOfVm[] {
  const result = parseHouse(extendedSections(sectionsFromStackFile(text, "stack file").sections, read));
  if ("problems" in result) return [];
  const { house } = result;
  const vms = declarable(house);
  return Object.entries(knownGuests(house)).flatMap(([name, { user }]) => {
    const vm = vms[name];
    return vm ? [{ name, vmid: vm.vmid, hostname: vm.hostname, user }] : [];
  });
}
