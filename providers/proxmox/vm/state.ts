/** What is recorded of a VM after it was looked at. Pure. */
import { canonical } from "../../canonical";
import { FIELD_NAMES, fieldOf } from "./fields";
import type { VmInputs, VmRecords, VmState } from "./inputs";
import type { ObservedVm } from "./observed";
import { recordsOf } from "./records";
import { diskBus, isNicSlot } from "./slots";

/** The house's name for a key of Proxmox; the key itself where the house has none. */
function propertyOf(key: string): string {
  if (diskBus(key) !== undefined) return `disks.${key}`;
  if (isNicSlot(key)) return `nics.${key}`;
  if (key.startsWith("ipconfig")) return "cloudInit";
  return FIELD_NAMES.find((name) => fieldOf(name).keys.includes(key)) ?? key;
}

/** @param before what was recorded so far. */
export function stateOf(observed: ObservedVm, inputs: VmInputs, before: Partial<VmRecords>): VmState {
  return canonical({
    ...inputs,
    ...recordsOf(observed, inputs, before),
    status: observed.status,
    pending: [...new Set(observed.pending.map(propertyOf))].sort(),
  });
}

/** Records that go on to count once the house says `inputs`: a NIC that is gone, or whose MAC it names, has none. */
export function stillRecorded(before: Partial<VmRecords>, inputs: VmInputs): Partial<VmRecords> {
  const ours = Object.entries(inputs.nics ?? {}).flatMap(([slot, { mac }]) => (mac === undefined ? [slot] : []));
  const macs = Object.entries(before.macs ?? {}).filter(([slot]) => ours.includes(slot));
  return { macs: Object.fromEntries(macs), volumes: before.volumes, adopted: before.adopted };
}
