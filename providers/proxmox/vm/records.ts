/** What Proxmox gave out for a VM and the house doesn't name: kept, so that an edit of it is seen and can be put back. Pure. */
import { canonical } from "../../canonical";
import { drivesOf } from "./fromApi";
import { isPhysical } from "./drive";
import type { VmInputs, VmRecords } from "./inputs";
import { parseNic } from "./nic";
import type { ObservedVm } from "./observed";

/** Volumes that no slot uses. */
export function unusedVolumes({ wanted }: ObservedVm): ReadonlySet<string> {
  return new Set(Object.keys(wanted).flatMap((key) => (/^unused\d+$/.test(key) ? [wanted[key] ?? ""] : [])));
}

/**
 * @param inputs the house's; a MAC that it names is not recorded.
 * @param before the records so far: a volume stays while it can be put back.
 */
export function recordsOf(observed: ObservedVm, inputs: VmInputs, before: Partial<VmRecords>): VmRecords {
  const given = Object.keys(inputs.nics ?? {}).flatMap((slot) => {
    const mac = parseNic(observed.wanted[slot] ?? "").mac?.toUpperCase();
    const named = inputs.nics?.[slot as `net${number}`]?.mac !== undefined;
    return mac === undefined || named ? [] : [[slot, mac] as const];
  });
  const unused = unusedVolumes(observed);
  const kept = Object.entries(before.volumes ?? {}).filter(([, volume]) => unused.has(volume));
  const attached = Object.entries(drivesOf(observed.wanted)).flatMap(([slot, drive]) =>
    isPhysical(drive) ? [] : [[slot, drive.volume] as const],
  );
  return canonical({
    macs: { ...before.macs, ...Object.fromEntries(given) },
    volumes: Object.fromEntries([...kept, ...attached]),
    adopted: before.adopted,
  });
}
