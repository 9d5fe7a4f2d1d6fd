/** What a lab needs for a house whose guests are real: stand-ins for its stacks' images, its NAS, where its VMs answer. Pure. */
import { dotted, vmAddress } from "../../house/addresses";
import { knownGuests } from "../../house/guests";
import { parseHouse } from "../../house/house";
import { sectionsFromStackFile } from "../../house/load";
import type { House } from "../../house/schema";
import type { StackFolders } from "../../house/stacks/folder";
import type { NasPlan } from "./nasFiles";
import { standInsOf, type StandIn } from "./standIns/standIn";

export interface RealGuests {
  /** By VMID. */
  readonly standIns: Readonly<Record<string, readonly StandIn[]>>;
  readonly nas?: NasPlan;
  /** Of the VMs that are looked into, by short name. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** Who a library belongs to where the house doesn't say. */
const OWNER = { uid: 1000, gid: 1000 };

function nasOf(house: House): NasPlan | undefined {
  const { nas, network } = house;
  if (nas === undefined || network === undefined) return undefined;
  const [address, gateway] = [dotted(house, nas.address), dotted(house, network.gateway ?? 1)];
  if (address === undefined || gateway === undefined) return undefined;
  const folders = Object.entries(nas.library ?? {}).flatMap(([folder, below]) => [
    folder,
    ...below.map((name) => `${folder}/${name}`),
  ]);
  return {
    ...{ address, subnet: { cidr: network.cidr, gateway }, export: nas.export, folders },
    owner: nas.owner ?? OWNER,
  };
}

/** @param text of the stack file. @returns nothing to do where the house has problems: the program says those. */
export function realGuestsOf(text: string, folders: StackFolders): RealGuests {
  const parsed = parseHouse({ sections: sectionsFromStackFile(text, "stack file").sections, folders });
  if ("problems" in parsed) return { standIns: {}, addresses: {} };
  const { house, stacks } = parsed;
  const standIns = Object.entries(house.vms).map(([name, { vmid }]) => [vmid, standInsOf(stacks[name] ?? []).standIns]);
  const addresses = Object.keys(knownGuests(house)).flatMap((name) => {
    const address = house.vms[name] && vmAddress(house, house.vms[name]);
    return address === undefined ? [] : [[name, address] as const];
  });
  const nas = nasOf(house);
  return {
    standIns: Object.fromEntries(standIns) as Record<string, readonly StandIn[]>,
    ...(nas ? { nas } : {}),
    addresses: Object.fromEntries(addresses),
  };
}
