/** `check` of a VM: shape, rules, forbidden changes, canonical form. CPU only. */
import type { CheckFailure } from "../../lifecycle";
import { isUnknown } from "../../unknown";
import { failuresOf } from "../../failures";
import { canonical } from "../../canonical";
import type { Disk, VmSpec } from "./args";
import { canonicalInputs } from "./canonicalInputs";
import { forbiddenChanges } from "./changes";
import { goneFailures } from "./gone";
import type { VmInputs } from "./inputs";
import { rootOnlyFailures } from "./rootOnly";
import { rules } from "./rules";
import { vmSchema } from "./schema";

/** A disk was made from the file of its day: a later one of the same name is no change of the disk. */
function rememberedImages(olds: Partial<VmInputs>, inputs: VmInputs): VmInputs {
  if (inputs.disks === undefined || isUnknown(inputs.disks) || isUnknown(olds.disks)) return inputs;
  const before = (olds.disks ?? {}) as Readonly<Record<string, Disk | undefined>>;
  const disks = Object.entries(inputs.disks).map(([slot, disk]) => {
    const had = isUnknown(disk) || isUnknown(before[slot]) ? undefined : before[slot];
    const same = had && "storage" in had && "storage" in disk && had.image?.name === disk.image?.name;
    return [slot, same ? { ...disk, image: had.image } : disk] as const;
  });
  return canonical({ ...inputs, disks: Object.fromEntries(disks) });
}

/** @param mayRoot whether there is a way to act as root@pam, asked only where it counts; `undefined` where that isn't known. */
export function checkVm(
  olds: unknown,
  news: unknown,
  mayRoot: () => boolean | undefined,
): { inputs: VmInputs; failures: CheckFailure[] } {
  const given = (news ?? {}) as VmSpec;
  const failures = failuresOf(vmSchema, given);
  if (failures.length > 0) return { inputs: given, failures };
  const recorded = (olds ?? {}) as Partial<VmInputs>;
  const inputs = rememberedImages(recorded, canonicalInputs(given));
  // What is gone can't be changed: only whose it was counts on.
  const before = recorded.gone === true ? { vmid: recorded.vmid, uuid: recorded.uuid } : recorded;
  return {
    inputs,
    failures: [
      ...goneFailures(recorded, inputs),
      ...rules(inputs),
      ...forbiddenChanges(before, inputs),
      ...rootOnlyFailures(before, inputs, mayRoot),
    ],
  };
}
