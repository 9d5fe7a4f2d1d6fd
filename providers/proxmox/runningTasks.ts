/** Tasks that are at work at this moment. Reads only. */
import type { ProxmoxClient } from "./client";

export interface RunningTask {
  readonly upid: string;
  readonly type: string;
  /** What it is about: a VMID, a file name. */
  readonly id: string;
}

interface Entry extends RunningTask {
  readonly endtime?: number;
}

/** Those that the credential may see: a token's own always. PVE 8.4 lists some under `active` that have ended already. */
export async function runningTasks(
  client: ProxmoxClient,
  node: string,
  query: { readonly typefilter?: string; readonly vmid?: number },
): Promise<readonly RunningTask[]> {
  const path = `/nodes/${encodeURIComponent(node)}/tasks`;
  const tasks = await client.get<readonly Entry[]>(path, { source: "active", ...query });
  return tasks.filter(({ endtime }) => endtime === undefined);
}
