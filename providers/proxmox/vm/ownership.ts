/** Whose VM it is: its smbios1 uuid says so, and nothing is changed on one that is not ours. Pure. */
import { smbiosUuid } from "./config";
import type { ObservedVm } from "./observed";

/** @throws Error that names the VM found and says what to do. */
export function assertOurs(
  observed: ObservedVm,
  { vmid, uuid }: { readonly vmid: number; readonly uuid: string },
): void {
  const found = smbiosUuid(observed.wanted);
  if (found === uuid.toLowerCase()) return;
  const name = observed.wanted.name ?? "without a name";
  throw new Error(
    `VM ${vmid} on node ${observed.node} (${name}) is not this house's: its uuid is ${found ?? "not set"}, ours is ${uuid}. ` +
      `Nothing was changed. Give this VM another vmid; or, if it is the one you mean, hand it over on purpose: qm set ${vmid} --smbios1 uuid=${uuid}`,
  );
}
