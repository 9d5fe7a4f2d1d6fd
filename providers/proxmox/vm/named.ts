/** What of a VM's configuration is the house's. Pure. */
import type { VmSpec } from "./args";
import type { VmRecords } from "./inputs";

/** What the house calls its own. */
export type Named = Partial<VmSpec> & Pick<Partial<VmRecords>, "macs" | "slots" | "volumes">;

/** Slots of disks, NICs and devices that the house named at its last run, those that were taken out behind its back included. */
export function namedSlots({ disks, nics, pci, usb, slots }: Named): ReadonlySet<string> {
  const named = [disks, nics, pci, usb].flatMap((record) => Object.keys(record ?? {}));
  return new Set([...named, ...(slots ?? [])]);
}
