/** What a look for drift found: the one model that all formats are made from. Pure. */

/**
 * - `edit`: of what the house names, by somebody else.
 * - `unnamed`: of what it does not name.
 * - `change`: recorded as it is, and the house says something else: not yet applied, or an edit that a refresh recorded.
 */
export type FindingKind = "edit" | "unnamed" | "change";

export interface Finding {
  readonly kind: FindingKind;
  /** `disks.scsi0.size`; of an unnamed one Proxmox's key: `net1`. */
  readonly property: string;
  /** At the last `up`. Left out where there was none. */
  readonly recorded?: unknown;
  /** Now. */
  readonly live?: unknown;
  /** In the house. */
  readonly wanted?: unknown;
  /** The same as people say it, where values tell them little: `service emby: exited (137)`. */
  readonly says?: string;
  /** What the next `up` does about it. */
  readonly next: string;
}

export interface Part {
  /** `VM 100 emby`, `storage NAS`, `name films.infinity-node.com` */
  readonly title: string;
  /** `unchecked`: it can't be known; `new`: in the house, not in the stack yet. */
  readonly state: "clean" | "drift" | "unchecked" | "new";
  readonly findings: readonly Finding[];
  /** Why it was not checked; what the next `up` refuses; what a person has to do. */
  readonly notes: readonly string[];
}

export interface DriftReport {
  readonly stack: string;
  /** Of those that the stack has recorded. */
  readonly checked: number;
  readonly total: number;
  readonly parts: readonly Part[];
  /** Resources of kinds that are not looked at here. */
  readonly others: number;
}

/** A part that can't be known: unreachable, or without a credential. */
export const uncheckedPart = (title: string, error: unknown): Part => ({
  ...{ title, state: "unchecked", findings: [] },
  notes: [error instanceof Error ? error.message : String(error)],
});

/** 0 recorded, live and wanted agree; 7 they don't; 1 something could not be checked, or there was nothing to check. */
export function exitCode({ checked, total, parts }: DriftReport): 0 | 1 | 7 {
  if (checked < total || total === 0) return 1;
  return parts.every(({ state }) => state === "clean") ? 0 : 7;
}

/** `6 of 8 checked, 1 with drift` */
export function summary({ checked, total, parts, others }: DriftReport): string {
  if (total === 0) return "nothing was checked: the stack has nothing of the house yet";
  const drifted = parts.filter(({ state }) => state === "drift").length;
  const fresh = parts.filter(({ state }) => state === "new").length;
  const besides = others === 0 ? "" : `; ${others} of other kinds not looked at (pulumi refresh --preview-only looks)`;
  return `${checked} of ${total} checked, ${drifted === 0 ? "no drift" : `${drifted} with drift`}${fresh === 0 ? "" : `; ${fresh} not in the stack yet`}${besides}`;
}

/** A value as people read it. */
export function shown(value: unknown): string {
  if (value === undefined) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
