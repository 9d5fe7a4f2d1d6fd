/** What counts as a difference between a house and what is there before it is taken over; and how it is said. Pure. */
import type { Difference } from "../../differences";

/** Whose a VM is can't differ before it is taken over; whether it may be deleted stands in no Proxmox. */
const NOT_COMPARED: ReadonlySet<string> = new Set(["uuid", "deletable", "recreate"]);

export const whichCount = (found: readonly Difference[]): Difference[] =>
  found.filter(({ property }) => !NOT_COMPARED.has(property));

const text = (value: unknown): string => (value === undefined ? "none" : JSON.stringify(value));

/** `memory: is "2GiB", the house says "4GiB"` */
export const sentence = ({ property, live, wanted }: Difference): string =>
  `${property}: is ${text(live)}, the house says ${text(wanted)}`;

export const sentences = (found: readonly Difference[]): string => found.map(sentence).join("; ");
