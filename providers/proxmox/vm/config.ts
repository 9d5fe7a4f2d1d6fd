/**
 * A VM's configuration as Proxmox tells it, before anything is made of it: `GET /nodes/{node}/qemu/{vmid}/pending` of
 * PVE 8.4 answers with the live values, those that wait for the next boot, and the digest in one list. Pure.
 */
import { diskBus } from "./slots";
import { parsePropertyString, printPropertyString } from "./propertyString";

/** Values as text, by Proxmox's keys; numbers and the like are written out (`memory` is a text there anyway). */
export type Config = Readonly<Record<string, string>>;

export interface PendingEntry {
  readonly key: string;
  readonly value?: string | number;
  readonly pending?: string | number;
  /** 1, or 2 with force: the value goes at the next boot. */
  readonly delete?: number;
}

export interface ObservedConfig {
  /** What is configured: the live values with the waiting ones laid over. What the house is compared with. */
  readonly wanted: Config;
  /** What the VM runs with at present. */
  readonly live: Config;
  /** Keys whose change waits for the next boot, sorted. */
  readonly pending: readonly string[];
  /** For `digest` of a change; missing only where the server told none. */
  readonly digest?: string;
}

/** A waiting edit of a drive carries the size of the day it was made; a resize since then shows in the live value only. */
function withLiveSize(key: string, pending: string, live: string | undefined): string {
  if (live === undefined || diskBus(key) === undefined) return pending;
  const [now, next] = [parsePropertyString(live, "file"), parsePropertyString(pending, "file")];
  if (now.file !== next.file || now.size === undefined) return pending;
  return printPropertyString({ ...next, size: now.size }, "file");
}

/** Order of the entries is random in every answer; nothing here depends on it. */
export function observedConfig(entries: readonly PendingEntry[]): ObservedConfig {
  const live: Record<string, string> = {};
  const wanted: Record<string, string> = {};
  const pending: string[] = [];
  let digest: string | undefined;
  for (const entry of entries) {
    const value = entry.value === undefined ? undefined : String(entry.value);
    if (entry.key === "digest") {
      digest = value;
      continue;
    }
    if (value !== undefined) live[entry.key] = value;
    const waits = entry.pending !== undefined || entry.delete !== undefined;
    if (waits) pending.push(entry.key);
    if (entry.delete !== undefined) continue;
    const next = entry.pending === undefined ? value : withLiveSize(entry.key, String(entry.pending), value);
    if (next !== undefined) wanted[entry.key] = next;
  }
  return { wanted, live, pending: pending.sort(), digest };
}

/** The uuid that smbios1 carries, in lower case; `undefined` where there is none. */
export function smbiosUuid(config: Config): string | undefined {
  return parsePropertyString(config.smbios1 ?? "", "uuid").uuid?.toLowerCase();
}
