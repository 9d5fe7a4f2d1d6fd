/** What of a VM's configuration is the house's. Pure. */
import type { VmSpec } from "./args";
import type { VmRecords } from "./inputs";

/** What the house calls its own. */
export type Named = Partial<VmSpec> & Pick<Partial<VmRecords>, "macs" | "slots" | "volumes">;

/** Slots of disks and NICs that the house named at its last run, those that were taken out behind its back included. */
export function namedSlots({ disks, nics, slots }: Named): ReadonlySet<string> {
  return new Set([...Object.keys(disks ?? {}), ...Object.keys(nics ?? {}), ...(slots ?? [])]);
}
