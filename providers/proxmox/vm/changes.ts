/** Changes that Proxmox can't make, or that would put another VM or disk in place of one with data. Pure. */
import { parseSize } from "../../../values/size";
import type { CheckFailure } from "../../lifecycle";
import { isUnknown } from "../../unknown";
import type { Disk, VmSpec, VolumeDisk } from "./args";
import type { ObservedDisk, VmInputs } from "./inputs";
import { grownNote } from "./notes";

type Olds = Partial<VmInputs>;

const differs = <T>(before: T | undefined, after: T | undefined): boolean =>
  before !== undefined && after !== undefined && !isUnknown(before) && !isUnknown(after) && before !== after;

function identity(olds: Olds, news: VmSpec): CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (differs(olds.vmid, news.vmid))
    failures.push({
      property: "vmid",
      reason: `${news.vmid}: this VM is ${olds.vmid ?? ""}, and a VMID never changes - write ${olds.vmid ?? ""}, or add a VM of another name for ${news.vmid}`,
    });
  if (differs(olds.uuid?.toLowerCase(), news.uuid.toLowerCase()))
    failures.push({
      property: "uuid",
      reason: `${news.uuid}: this VM's is ${olds.uuid ?? ""}, the proof of whose it is, and never changes - write that one`,
    });
  if (differs(olds.node, news.node))
    failures.push({
      property: "node",
      reason: `${news.node}: the VM is on ${olds.node ?? ""} - migrate it in Proxmox and run "pulumi refresh", or write ${olds.node ?? ""}`,
    });
  return failures;
}

/** A VM that is there is never made again from something else. */
function cloneChange(olds: Olds, { clone }: VmSpec): CheckFailure[] {
  if (clone === undefined || olds.vmid === undefined || isUnknown(clone) || isUnknown(olds.clone)) return [];
  if (olds.clone?.from === clone.from) return [];
  const was = olds.clone === undefined ? "and is no clone" : `a clone of ${olds.clone.from}`;
  const way = olds.clone === undefined ? "leave it out" : `write ${olds.clone.from}, or leave it out`;
  return [{ property: "clone.from", reason: `${clone.from}: the VM is there already, ${was} - ${way}` }];
}

function diskChange(slot: string, before: ObservedDisk, after: Disk): CheckFailure[] {
  if (isUnknown(before) || isUnknown(after)) return [];
  const fail = (name: string, reason: string): CheckFailure[] => [{ property: `disks.${slot}${name}`, reason }];
  if ("path" in before || "path" in after) {
    const [had, wants] = [before, after].map((disk) => ("path" in disk ? disk.path : `a volume on ${disk.storage}`));
    if (had === wants || isUnknown("path" in after && after.path)) return [];
    return fail(
      "",
      `${wants ?? ""}: the slot has ${had ?? ""}, and a disk is never swapped for another - use a free slot, or take this one out of the house in a run before`,
    );
  }
  const refilled = contentChange(slot, before, after);
  if (refilled.length > 0) return refilled;
  const least = parseSize(before.grownFrom ?? before.size);
  const wants = parseSize(after.size);
  if (least === undefined || wants === undefined || wants >= least) return [];
  return fail(
    ".size",
    `${after.size} is smaller than the ${before.size} it has; Proxmox can't shrink a disk - set ${before.size} or more`,
  );
}

/** What a disk begins with counts once: one that is there is never filled again. */
function contentChange(slot: string, before: VolumeDisk, after: VolumeDisk): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const [had, wants] = [before.image?.name, after.image?.name];
  if (wants !== undefined && had !== wants)
    failures.push({
      property: `disks.${slot}.image`,
      reason:
        `${wants}: the disk is there already${had === undefined ? "" : `, made from ${had}`}, and is never filled again - ` +
        `${had === undefined ? "leave it out" : `write ${had}, or leave it out`}; for a disk made from ${wants}, use a free slot`,
    });
  if (after.volume !== undefined && before.volume !== after.volume)
    failures.push({
      property: `disks.${slot}.volume`,
      reason: `${after.volume}: the slot has a disk already, and one is never swapped for another - use a free slot, or take this one out of the house in a run before`,
    });
  return failures;
}

/** A blank disk in one slot while one like it leaves another is what a person writes who means the same disk. */
function lookAlikes(
  before: Readonly<Record<string, ObservedDisk>>,
  after: Readonly<Record<string, Disk>>,
): CheckFailure[] {
  const volumes = (disks: Readonly<Record<string, Disk>>, others: Readonly<Record<string, Disk>>) =>
    Object.entries(disks).filter(
      (entry): entry is [string, VolumeDisk] => !(entry[0] in others) && !isUnknown(entry[1]) && "storage" in entry[1],
    );
  const leaving = volumes(before, after);
  return volumes(after, before).flatMap(([slot, disk]) => {
    const [from] = leaving.find(([, { storage, size }]) => storage === disk.storage && size === disk.size) ?? [];
    if (from === undefined || disk.volume !== undefined || disk.image !== undefined) return [];
    return [
      {
        property: `disks.${slot}`,
        reason:
          `${disk.size} on ${disk.storage}: would be a blank disk, while ${from}, one like it, is taken out - if it is the same ` +
          `disk, add volume: and what Proxmox shows at ${from}; if it is another, take ${from} out in a run before`,
      },
    ];
  });
}

function cloudInitChange(olds: Olds, news: VmSpec): CheckFailure[] {
  const [before, after] = [olds.cloudInit, news.cloudInit];
  if (!before || !after || isUnknown(before) || isUnknown(after)) return [];
  const names = (["storage", "slot"] as const).filter(
    (name) => before.storage !== (undefined as unknown) && differs(before[name] ?? "ide2", after[name] ?? "ide2"),
  );
  return names.map((name) => ({
    property: `cloudInit.${name}`,
    reason: `${after[name] ?? "ide2"}: the drive is at ${before[name] ?? "ide2"} - remove it in Proxmox and run "pulumi refresh"; it is then made anew here`,
  }));
}

/** @param olds recorded inputs, possibly an older version's; `{}` for a new VM. */
export function forbiddenChanges(olds: Olds, news: VmSpec): CheckFailure[] {
  const before = (isUnknown(olds.disks) ? {} : (olds.disks ?? {})) as Readonly<Record<string, ObservedDisk>>;
  const after = isUnknown(news.disks) ? {} : (news.disks ?? {});
  return [
    ...identity(olds, news),
    ...cloneChange(olds, news),
    ...Object.entries(after).flatMap(([slot, disk]) => (before[slot] ? diskChange(slot, before[slot], disk) : [])),
    ...lookAlikes(before, after),
    ...cloudInitChange(olds, news),
  ];
}

/** What a preview shows as a change back and an update can't make: a disk that was grown in Proxmox. */
export function impossibleReturns(olds: Olds, news: VmSpec): string[] {
  const before = (isUnknown(olds.disks) ? {} : (olds.disks ?? {})) as Readonly<Record<string, ObservedDisk>>;
  const after = isUnknown(news.disks) ? {} : (news.disks ?? {});
  return Object.entries(after).flatMap(([slot, disk]) => {
    const had = before[slot];
    if (!had || "path" in had || isUnknown(disk) || "path" in disk) return [];
    return had.grownFrom !== undefined && (parseSize(disk.size) ?? Infinity) < (parseSize(had.size) ?? 0)
      ? [grownNote(slot, disk.size, had.size)]
      : [];
  });
}
