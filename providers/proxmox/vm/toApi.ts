/** A VM of the house as the parameters of `POST /nodes/{node}/qemu` (PVE 8.4). Pure. */
import type { Params } from "../client";
import { deviceTexts } from "./devices";
import { diskToApi, isImported, newDrive } from "./drive";
import { FIELD_NAMES, fieldOf } from "./fields";
import type { VmInputs, VmRecords } from "./inputs";
import { nicToApi } from "./nic";
import { createDefaults } from "./defaults";

/**
 * Everything in one call, the proof of ownership (`smbios1`) included: a run that is killed right after it left either
 * no VM or one that knows whose it is.
 * @param macs by slot: what a NIC without a MAC of its own gets. @default Proxmox gives one out
 */
export function createParams(inputs: VmInputs, macs: VmRecords["macs"] = {}): Params {
  const { vmid, uuid, disks = {}, nics = {}, power } = inputs;
  const fields = FIELD_NAMES.flatMap((name) => {
    const value = inputs[name];
    return value === undefined ? [] : Object.entries(fieldOf(name).print(value, {}));
  });
  const drives = Object.entries(disks).map(
    ([slot, disk]) => [slot, "path" in disk ? diskToApi(disk, disk.path) : newDrive(disk)] as const,
  );
  const cards = Object.entries(nics).map(([slot, nic]) => [slot, nicToApi(nic, macs[slot])] as const);
  const given = Object.fromEntries(
    [...fields, ...drives, ...cards, ...Object.entries(deviceTexts(inputs))].filter(([, value]) => value !== null),
  );
  return {
    vmid,
    ...createDefaults,
    ...(given as Record<string, string>),
    smbios1: `uuid=${uuid}`,
    // What has still to grow does so before the guest sees it.
    ...(power === "running" && !Object.values(disks).some(isImported) && { start: true }),
  };
}
