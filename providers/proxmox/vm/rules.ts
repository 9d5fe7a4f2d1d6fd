/** What holds between the fields of one VM. Each rule says the value, why Proxmox refuses it, and what to write. Pure. */
import { parseSize } from "../../../values/size";
import type { CheckFailure } from "../../lifecycle";
import { isUnknown } from "../../unknown";
import type { Disk, VmSpec } from "./args";
import { CLOUD_INIT_SLOT } from "./cloudInit";
import { diskBus } from "./slots";

function balloonRule({ balloon, memory }: VmSpec): CheckFailure[] {
  const [least, most] = [parseSize(balloon ?? ""), parseSize(memory)];
  if (least === undefined || most === undefined || least <= most) return [];
  return [
    { property: "balloon", reason: `${balloon ?? ""} is more than memory, ${memory} - lower it to that or less` },
  ];
}

/** Proxmox tells by a volume's name whose it is, and with the VM goes what is named after it. */
function contentRules({ vmid }: VmSpec, slot: string, disk: Disk): CheckFailure[] {
  if (!("storage" in disk) || disk.volume === undefined || isUnknown(disk.volume)) return [];
  const { volume, image } = disk;
  const property = `disks.${slot}.volume`;
  const owner = /[:/](?:vm|base)-(\d+)-[^/]*$/.exec(volume)?.[1];
  if (image !== undefined)
    return [{ property, reason: `${volume}: a disk begins with an image or a volume - leave one of the two out` }];
  if (owner === String(vmid) || isUnknown(vmid)) return [];
  const way =
    owner === undefined
      ? "an image file goes under images, for disks made from it"
      : `give it to this VM first: on the node, qm disk move ${owner} SLOT --target-vmid ${vmid}`;
  return [{ property, reason: `${volume}: is ${owner === undefined ? "no VM's disk" : `VM ${owner}'s`} - ${way}` }];
}

function diskRules(spec: VmSpec, slot: string, disk: Disk): CheckFailure[] {
  const bus = diskBus(slot);
  const property = (name: string): string => `disks.${slot}.${name}`;
  const failures: CheckFailure[] = [...contentRules(spec, slot, disk)];
  if (bus === "virtio" && disk.ssd === true)
    failures.push({
      property: property("ssd"),
      reason: "true: virtio disks have no such mark in Proxmox - use a scsi slot, or leave it out",
    });
  if (disk.iothread === true && bus !== "scsi" && bus !== "virtio")
    failures.push({
      property: property("iothread"),
      reason: `true: only scsi and virtio disks have I/O threads, not ${bus ?? slot} - use such a slot, or leave it out`,
    });
  if (disk.readOnly === true && bus !== "scsi" && bus !== "virtio")
    failures.push({
      property: property("readOnly"),
      reason: `true: only scsi and virtio disks can be read-only, not ${bus ?? slot} - use such a slot, or leave it out`,
    });
  if (disk.iothread === true && bus === "scsi" && ![undefined, "virtio-scsi-single"].includes(spec.scsiController))
    failures.push({
      property: property("iothread"),
      reason: `true: works with scsiController virtio-scsi-single only, not ${spec.scsiController ?? ""} - set that one`,
    });
  return failures;
}

function cloudInitRule({ cloudInit, disks }: VmSpec): CheckFailure[] {
  const slot = cloudInit?.slot ?? CLOUD_INIT_SLOT;
  if (cloudInit === undefined || !(slot in (disks ?? {}))) return [];
  return [{ property: "cloudInit.slot", reason: `${slot}: holds a disk already - give one of the two another slot` }];
}

function cloneRule({ clone, vmid }: VmSpec): CheckFailure[] {
  if (clone === undefined) return [];
  if (clone.from === vmid)
    return [{ property: "clone.from", reason: `${vmid}: is this VM itself - name the template or VM it is a copy of` }];
  if (clone.full !== false || clone.storage === undefined) return [];
  return [
    {
      property: "clone.storage",
      reason: `${clone.storage}: a linked clone lies where its template does - leave it out, or say full: true`,
    },
  ];
}

function agentRule({ agent, agentAddresses }: VmSpec): CheckFailure[] {
  if (agentAddresses !== true || agent === true || isUnknown(agent)) return [];
  return [{ property: "agentAddresses", reason: "true: it is the guest agent that tells them - set agent: true too" }];
}

/** @param spec of the right shape; parts of it may be unknown, and are not judged. */
export function rules(spec: VmSpec): CheckFailure[] {
  const disks = isUnknown(spec.disks) ? {} : (spec.disks ?? {});
  return [
    ...agentRule(spec),
    ...(isUnknown(spec.clone) ? [] : cloneRule(spec)),
    ...(isUnknown(spec.balloon) || isUnknown(spec.memory) ? [] : balloonRule(spec)),
    ...Object.entries(disks).flatMap(([slot, disk]) => (isUnknown(disk) ? [] : diskRules(spec, slot, disk))),
    ...(isUnknown(spec.cloudInit) ? [] : cloudInitRule({ ...spec, disks })),
  ];
}
