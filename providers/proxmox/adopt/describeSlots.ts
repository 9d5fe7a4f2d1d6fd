/** One disk or NIC of Proxmox in the words of the `Vm` resource. Pure. */
import type { Disk, Nic } from "../vm/args";
import { diskFromApi, isPhysical, parseDrive } from "../vm/drive";
import { nicFromApi, parseNic } from "../vm/nic";
import { unwordedOptions, type LeftOut } from "./leftOut";

export interface DescribedSlot<T> {
  /** Left out where the slot holds something that can't be said. */
  readonly value?: T;
  readonly leftOut: readonly LeftOut[];
}

const DISK_OPTIONS = ["cache", "discard", "ssd", "iothread", "backup", "ro", "media", "format"];
const NIC_OPTIONS = ["bridge", "tag", "firewall"];

const unsaid = <T>(key: string, value: string, why: string): DescribedSlot<T> => ({
  leftOut: [{ key, value, why }],
});

export function describeDisk(slot: string, text: string): DescribedSlot<Disk> {
  const drive = parseDrive(text);
  if (!isPhysical(drive) && drive.size === undefined)
    return unsaid(slot, text, "Proxmox doesn't know its size; it stays as it is (qm rescan makes it known)");
  return { value: diskFromApi(drive), leftOut: unwordedOptions(slot, drive.options, DISK_OPTIONS) };
}

/** Its MAC is Proxmox's to give out, and kept: the house need not name it. */
export function describeNic(slot: string, text: string): DescribedSlot<Nic> {
  const nic = parseNic(text);
  if (nic.options.bridge === undefined) return unsaid(slot, text, "a NIC on no bridge; it stays as it is");
  return { value: { ...nicFromApi(nic), mac: undefined }, leftOut: unwordedOptions(slot, nic.options, NIC_OPTIONS) };
}
