/** What is recorded of a VM after it was looked at. Pure. */
import { canonical } from "../../canonical";
import { kindOfDevice } from "./devices";
import { FIELD_NAMES, fieldOf } from "./fields";
import { fromApi } from "./fromApi";
import type { VmInputs, VmRecords, VmState } from "./inputs";
import { namedSlots } from "./named";
import type { ObservedVm } from "./observed";
import { recordsOf } from "./records";
import { diskBus, isNicSlot } from "./slots";
import { unnamedEdits, unnamedOf } from "./unnamed";

/** The house's name for a key of Proxmox; the key itself where the house has none. */
function propertyOf(key: string): string {
  if (diskBus(key) !== undefined) return `disks.${key}`;
  if (isNicSlot(key)) return `nics.${key}`;
  const device = kindOfDevice(key);
  if (device !== undefined) return `${device}.${key}`;
  if (key.startsWith("ipconfig")) return "cloudInit";
  return FIELD_NAMES.find((name) => fieldOf(name).keys.includes(key)) ?? key;
}

const described = (observed: ObservedVm): Pick<VmState, "status" | "pending"> => ({
  status: observed.status,
  pending: [...new Set(observed.pending.map(propertyOf))].sort(),
});

/**
 * After a run: what there is now is what the house made or took note of.
 * @param before what was recorded so far.
 */
export function stateOf(observed: ObservedVm, inputs: VmInputs, before: Partial<VmRecords>): VmState {
  const records = recordsOf(observed, inputs, before);
  return canonical({
    ...inputs,
    ...records,
    slots: [...namedSlots({ ...inputs, slots: [] })].sort(),
    acknowledged: unnamedOf(observed, { ...inputs, ...records }),
    ...described(observed),
  });
}

/**
 * After a look: what was recorded goes on to count, and what was edited since is marked. A state of an older version
 * that doesn't remember takes note of what there is.
 */
export function seenState(observed: ObservedVm, state: VmState): { inputs: VmInputs; props: VmState } {
  const named = { ...state, slots: state.slots ?? [...namedSlots(state)].sort() };
  const inputs = canonical({
    ...fromApi(observed, state, named),
    unnamed: unnamedEdits(observed, named, state.acknowledged),
  });
  const records = recordsOf(observed, inputs, state);
  const props = canonical({
    ...inputs,
    ...records,
    macs: { ...records.macs, ...state.macs },
    slots: named.slots,
    acknowledged: state.acknowledged ?? unnamedOf(observed, { ...named, ...records }),
    ...described(observed),
  });
  return { inputs, props };
}

/** Records that go on to count once the house says `inputs`: a NIC that is gone, or whose MAC it names, has none. */
export function stillRecorded(before: Partial<VmRecords>, inputs: VmInputs): Partial<VmRecords> {
  const ours = Object.entries(inputs.nics ?? {}).flatMap(([slot, { mac }]) => (mac === undefined ? [slot] : []));
  const macs = Object.entries(before.macs ?? {}).filter(([slot]) => ours.includes(slot));
  return { macs: Object.fromEntries(macs), volumes: before.volumes, adopted: before.adopted };
}

/**
 * What the house should say for the rest of an update to be done: a slot that it no longer names, and that a failed run
 * did not come to, stays recorded until it is detached. Forgotten here, nobody would detach it.
 */
export function halfWay(before: Pick<VmInputs, "disks" | "nics" | "pci" | "usb">, wanted: VmInputs): VmInputs {
  const { disks, nics, pci, usb } = wanted;
  return {
    ...wanted,
    disks: before.disks ? { ...before.disks, ...disks } : disks,
    nics: before.nics ? { ...before.nics, ...nics } : nics,
    ...((before.pci ?? pci) && { pci: { ...before.pci, ...pci } }),
    ...((before.usb ?? usb) && { usb: { ...before.usb, ...usb } }),
  };
}
