/** Whose VM it is: its smbios1 uuid says so, and nothing is changed on one that is not ours. Pure. */
import { smbiosUuid, type Config } from "./config";
import type { ObservedVm } from "./observed";
import { parsePropertyString } from "./propertyString";

interface Owned {
  readonly vmid: number;
  readonly uuid: string;
  /** {@link identityOf} the VM when it was taken over; left out for one that we made. */
  readonly adopted?: string;
}

/**
 * What tells a VM from another one that is given its VMID later: its smbios1 uuid; of one without, the second in which it
 * was made. `undefined` where it has neither (made by hand, or before PVE 7.1).
 */
export function identityOf(config: Config): string | undefined {
  const { ctime } = parsePropertyString(config.meta ?? "", "");
  return smbiosUuid(config) ?? (ctime === undefined ? undefined : `ctime=${ctime}`);
}

/**
 * Notes of a clone that is ours and does not carry our uuid yet: Proxmox gives each clone one of its own, and takes notes
 * in the very call that makes it.
 */
export const cloneMark = (uuid: string): string => `being made by infinity-node: ${uuid.toLowerCase()}`;

export const isMarked = ({ wanted }: ObservedVm, uuid: string): boolean =>
  wanted.description?.trim() === cloneMark(uuid);

/** @throws Error that names the VM found and says what to do. */
export function assertOurs(observed: ObservedVm, { vmid, uuid, adopted }: Owned): void {
  const found = smbiosUuid(observed.wanted);
  if (found === uuid.toLowerCase()) return;
  if (adopted !== undefined && identityOf(observed.wanted) === adopted) return;
  const name = observed.wanted.name ?? "without a name";
  throw new Error(
    `VM ${vmid} on node ${observed.node} (${name}) is not this house's: its uuid is ${found ?? "not set"}, ours is ${adopted ?? uuid}. ` +
      (adopted === undefined
        ? "Nothing was changed. Give this VM another vmid; or, if it is the one you mean, take it over: npx infinity adopt"
        : "Nothing was changed. If its number went to another VM, give this one another vmid; or, if it is the one you mean, " +
          'forget it ("pulumi state delete") and take it over again: npx infinity adopt'),
  );
}
