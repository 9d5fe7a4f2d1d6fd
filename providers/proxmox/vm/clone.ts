/**
 * Makes a VM as a copy of another one. Proxmox gives a clone a uuid of its own; that it is ours stands in its notes from
 * the first call on (ownership.ts), until it carries our uuid.
 */
import { isOuterLockTimeout } from "../classify";
import { ProxmoxError, type ProxmoxClient } from "../client";
import { runningTasks, type RunningTask } from "../runningTasks";
import type { Clone } from "./args";
import type { VmInputs } from "./inputs";
import { observeVm, vmPath } from "./observe";
import { cloneMark, isMarked } from "./ownership";
import { parsePropertyString, printPropertyString } from "./propertyString";
import { smbiosUuid } from "./config";

/** A copy of the source that Proxmox is at work on. The task is the source's. */
export const runningClones = (
  client: ProxmoxClient,
  { node }: Pick<VmInputs, "node">,
  { from }: Clone,
): Promise<readonly RunningTask[]> => runningTasks(client, node, { typefilter: "qmclone", vmid: from });

/** Full clones go where the house wants the disks, so that they are copied once. */
function storageOf({ full, storage }: Clone, { disks = {} }: VmInputs): string | undefined {
  if (storage !== undefined || full !== true) return storage;
  const wanted = new Set(Object.values(disks).map((disk) => ("storage" in disk ? disk.storage : undefined)));
  return wanted.size === 1 ? [...wanted][0] : undefined;
}

/** Asks for the copy. @returns the task. @throws ProxmoxError, also where the VMID is taken */
export async function startClone(client: ProxmoxClient, inputs: VmInputs, clone: Clone): Promise<string> {
  const { node, vmid, uuid, name } = inputs;
  const body = {
    newid: vmid,
    name,
    description: cloneMark(uuid),
    full: clone.full,
    storage: storageOf(clone, inputs),
  };
  for (;;) {
    try {
      return await client.post<string>(`${vmPath(node, clone.from)}/clone`, body);
    } catch (error) {
      // Proxmox waits one second for a source that is being copied already (PVE 8.4).
      const busy = error instanceof ProxmoxError && isOuterLockTimeout(error.text, error.path);
      const others = busy ? await runningClones(client, inputs, clone) : [];
      if (others.length === 0) throw error;
      for (const { upid } of others) await client.task(upid).catch(() => undefined);
    }
  }
}

/**
 * Gives a marked clone our uuid, and takes the mark away: in this order, one call each, because Proxmox does not say in
 * which order it writes the keys of one call.
 */
export async function claimClone(client: ProxmoxClient, { node, vmid, uuid, description }: VmInputs): Promise<void> {
  const path = `${vmPath(node, vmid)}/config`;
  const observed = await observeVm(client, node, vmid);
  if (observed === undefined || !isMarked(observed, uuid)) return;
  if (smbiosUuid(observed.wanted) !== uuid.toLowerCase()) {
    const smbios1 = printPropertyString({ ...parsePropertyString(observed.wanted.smbios1 ?? "", "uuid"), uuid });
    await client.put(path, { smbios1, digest: observed.digest });
  }
  // The house's own notes take its place with everything else that differs.
  if (description === undefined) await client.put(path, { delete: "description" });
}
