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
import { rules } from "./rules";
import { vmSchema } from "./schema";

/**
 * A disk of the host is refused by Proxmox for everybody but root@pam's own login, tokens of root included, when it is
 * attached or edited; a VM that has one already may be changed otherwise.
 */
function physicalDiskRule(
  olds: Partial<VmInputs>,
  inputs: VmInputs,
  rootLogin: () => boolean | undefined,
): CheckFailure[] {
  const before = (isUnknown(olds.disks) ? {} : (olds.disks ?? {})) as Readonly<Record<string, unknown>>;
  const disks = isUnknown(inputs.disks) ? {} : (inputs.disks ?? {});
  return Object.entries(disks).flatMap(([slot, disk]) => {
    const there = JSON.stringify(before[slot]) === JSON.stringify(disk);
    if (isUnknown(disk) || !("path" in disk) || there || rootLogin() !== false) return [];
    return [
      {
        property: `disks.${slot}.path`,
        reason: `${disk.path}: Proxmox lets only root@pam's own login hand through a disk of the host, no API token - give user root@pam and its password, or attach it by hand (qm set ${inputs.vmid} --${slot} ${disk.path}) and run "pulumi refresh"`,
      },
    ];
  });
}

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

/** @param rootLogin whether today's credential is root@pam by password, asked only where it counts; `undefined` where that isn't known. */
export function checkVm(
  olds: unknown,
  news: unknown,
  rootLogin: () => boolean | undefined,
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
      ...physicalDiskRule(before, inputs, rootLogin),
    ],
  };
}
