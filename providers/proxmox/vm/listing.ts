/** Where every VM is and whether it runs, in one call that all reads of a moment share. */
import type { ProxmoxClient } from "../client";
import { memo } from "../../memo";

interface ListedVm {
  readonly node: string;
  readonly status: string;
}

interface Entry extends ListedVm {
  readonly type: string;
  readonly vmid: number;
}

/**
 * By VMID, from `GET /cluster/resources?type=vm`. It lists what the credential may see: that a VM is missing here
 * proves nothing. The power state is up to 10 s old (PVE 8.4's pvestatd).
 */
export const vmListing = memo(async (client: ProxmoxClient): Promise<ReadonlyMap<number, ListedVm>> => {
  const entries = await client.get<readonly Entry[]>("/cluster/resources", { type: "vm" });
  return new Map(entries.filter(({ type }) => type === "qemu").map((entry) => [entry.vmid, entry]));
});
