/** Looks at one VM. Reads only; tells "it is not there" from "that can't be known". */
import { isNotFound } from "../classify";
import type { ProxmoxClient } from "../client";
import { observedConfig, type PendingEntry } from "./config";
import { vmListing } from "./listing";
import type { ObservedVm } from "./observed";

export const vmPath = (node: string, vmid: number): string => `/nodes/${encodeURIComponent(node)}/qemu/${vmid}`;

type Status = ObservedVm["status"];

async function orMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function powerState(client: ProxmoxClient, node: string, vmid: number): Promise<Status> {
  const { status } = await client.get<{ status: string }>(`${vmPath(node, vmid)}/status/current`);
  return status === "running" ? "running" : "stopped";
}

/** The VM as it is at this moment, in two calls; `undefined` where the node has no VM of that number. */
export async function observeVm(client: ProxmoxClient, node: string, vmid: number): Promise<ObservedVm | undefined> {
  const [entries, status] = await Promise.all([
    orMissing(client.get<readonly PendingEntry[]>(`${vmPath(node, vmid)}/pending`)),
    orMissing(powerState(client, node, vmid)),
  ]);
  if (entries === undefined || status === undefined) return undefined;
  return { node, status, ...observedConfig(entries) };
}

/**
 * The same with one call a VM and one for all of them; it follows a VM to the node it is on now.
 * @param expected power state that the house wants: the listing may lag behind, so another one is looked at twice.
 */
export async function observeListedVm(
  client: ProxmoxClient,
  recordedNode: string,
  vmid: number,
  expected: Status | undefined,
): Promise<ObservedVm | undefined> {
  const listed = (await vmListing.get(client)).get(vmid);
  const node = listed?.node ?? recordedNode;
  const entries = await orMissing(client.get<readonly PendingEntry[]>(`${vmPath(node, vmid)}/pending`));
  if (entries === undefined) return undefined;
  const told = listed?.status === "running" || listed?.status === "stopped" ? listed.status : undefined;
  const sure = told !== undefined && (expected === undefined || told === expected);
  const status = sure ? told : await orMissing(powerState(client, node, vmid));
  return status && { node, status, ...observedConfig(entries) };
}
