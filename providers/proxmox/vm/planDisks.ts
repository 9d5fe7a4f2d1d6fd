/** The disks' part of a plan: attach, detach, edit, grow. Never shrinks, moves, swaps or frees a volume. Pure. */
import { formatSize, parseSize } from "../../../values/size";
import { sameCanonical } from "../../canonical";
import type { Disk, DiskSlot, VolumeDisk } from "./args";
import type { Config } from "./config";
import { allocation, diskFromApi, diskToApi, isPhysical, isRoundedUp, storageOf, type Drive } from "./drive";
import { drivesOf } from "./fromApi";
import type { Recorded, VmInputs } from "./inputs";
import { grownNote, movedNote } from "./notes";
import type { ObservedVm } from "./observed";
import { unusedVolumes } from "./records";
import type { Step } from "./step";

interface DiskPlan {
  readonly set: Config;
  readonly delete: readonly string[];
  readonly resizes: readonly Step[];
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

interface SlotPlan {
  readonly set?: string;
  readonly grow?: number;
  readonly note?: string;
  readonly problem?: string;
}

/** What the drive shall hold aside, do its options say what the house says? */
function sameOptions(disk: Disk, drive: Drive): boolean {
  const bare = (item: Disk): object => ({ ...item, path: undefined, storage: undefined, size: undefined });
  return sameCanonical(bare(disk), bare(diskFromApi(drive)));
}

function planVolume(slot: string, disk: VolumeDisk, drive: Drive): SlotPlan {
  const asked = parseSize(disk.size) ?? 0;
  const found = drive.size ?? asked;
  const set = sameOptions(disk, drive) ? undefined : diskToApi(disk, drive.volume, drive.options);
  const storage = storageOf(drive.volume);
  const moved = storage === disk.storage ? undefined : movedNote(slot, disk.storage, storage);
  const grown = found > asked && !isRoundedUp(asked, found) ? grownNote(slot, disk.size, formatSize(found)) : undefined;
  const note = [moved, grown].filter((item) => item !== undefined).join("\n");
  return { set, grow: found < asked ? asked : undefined, note: note === "" ? undefined : note };
}

function planSlot(slot: string, disk: Disk, drive: Drive | undefined, reattach: string | undefined): SlotPlan {
  const physical = "path" in disk;
  if (drive === undefined) {
    const volume = physical ? disk.path : (reattach ?? allocation(disk, parseSize(disk.size) ?? 0));
    return { set: diskToApi(disk, volume) };
  }
  const foreign = physical ? drive.volume !== disk.path : isPhysical(drive);
  if (foreign) {
    const asked = physical ? disk.path : `a volume on ${disk.storage}`;
    return {
      problem: `disks.${slot}: ${asked}: the slot holds ${drive.volume}, and a disk is never swapped for another - use a free slot, or take the disk out of the slot first`,
    };
  }
  if (!physical) return planVolume(slot, disk, drive);
  return sameOptions(disk, drive) ? {} : { set: diskToApi(disk, drive.volume, drive.options) };
}

/**
 * The volume that an empty slot held: one whose detach waits for the next boot, or the recorded one among the unused.
 * It is put back with its data; a new one would be empty.
 */
function reusable(observed: ObservedVm, slot: string, recorded: string | undefined): string | undefined {
  const leaving = drivesOf(observed.live)[slot];
  if (leaving && !isPhysical(leaving)) return leaving.volume;
  return recorded !== undefined && unusedVolumes(observed).has(recorded) ? recorded : undefined;
}

export function planDisks(observed: ObservedVm, wanted: VmInputs, recorded: Recorded): DiskPlan {
  const drives = drivesOf(observed.wanted);
  const plans = Object.entries(wanted.disks ?? {}).map(([slot, disk]) => {
    const volume = reusable(observed, slot, recorded.volumes?.[slot]);
    const fits = volume !== undefined && "storage" in disk && storageOf(volume) === disk.storage;
    return [slot, planSlot(slot, disk, drives[slot], fits ? volume : undefined)] as const;
  });
  const sets = plans.flatMap(([slot, plan]) => (plan.set === undefined ? [] : [[slot, plan.set] as const]));
  return {
    set: Object.fromEntries(sets),
    delete: Object.keys(recorded.disks ?? {}).filter(
      (slot) => wanted.disks?.[slot as DiskSlot] === undefined && drives[slot] !== undefined,
    ),
    resizes: plans.flatMap(([disk, { grow }]) =>
      grow === undefined ? [] : [{ kind: "resize", disk, bytes: grow } as const],
    ),
    notes: plans.flatMap(([, { note }]) => note ?? []),
    problems: plans.flatMap(([, { problem }]) => problem ?? []),
  };
}
