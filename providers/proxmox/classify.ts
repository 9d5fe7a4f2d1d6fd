/**
 * What a refusal means. Proxmox 8.4 says nearly everything with status 500 and a text, in an answer and in a task's end
 * alike, so that the text is all there is to go by. Pure; held against recorded answers by its test.
 */
import { ProxmoxError } from "./client";

/**
 * Whether the thing that the request (or the task) is about does not exist: the VM or storage that its path names. A missing
 * storage, snapshot or volume inside a VM's request is another matter, and so is a node that does not exist.
 */
export function isNotFound(error: unknown): boolean {
  if (!(error instanceof ProxmoxError)) return false;
  const vm = /^Configuration file 'nodes\/[^/]+\/(?:qemu-server|lxc)\/(\d+)\.conf' does not exist$/.exec(
    error.text,
  )?.[1];
  if (vm !== undefined) return error.task === undefined ? error.path.split("/").includes(vm) : error.task.id === vm;
  const storage = /^(?:(?:update|delete) storage failed: )?storage '([^']+)' does not exist$/.exec(error.text)?.[1];
  return storage !== undefined && new RegExp(`^(/nodes/[^/]+)?/storage/${storage}(/|$)`).test(error.path);
}

/** Whether what should be created is there already: a VM, a storage, a user. */
export function isAlreadyExists(error: unknown): boolean {
  if (!(error instanceof ProxmoxError)) return false;
  return [error.text, ...Object.values(error.errors ?? {})].some((text) =>
    /^unable to create VM \d+(?: - VM \d+ already exists on node|: config file already exists)|^VM \d+ already exists|^config file already exists|'[^']+' already (?:exists|defined)$|^Token already exists/.test(
      text.trim(),
    ),
  );
}

/** Whether somebody else changed the configuration since we read it. */
export function isDigestMismatch(error: unknown): boolean {
  if (!(error instanceof ProxmoxError)) return false;
  return (
    error.text.includes("checksum mismatch (file change by other user?)") ||
    error.text.includes("detected modified configuration - file changed by other user?")
  );
}

/** Whether a longer-running job holds the VM: its configuration says `lock: backup`. */
export function isLocked(error: unknown): boolean {
  return error instanceof ProxmoxError && /^VM is locked(?: \([^)]*\))?$/.test(error.text);
}

/** Whether the server gave no answer at all, or one that only says that the node behind it gave none. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof ProxmoxError) || error.task !== undefined) return false;
  return error.status === undefined || error.status >= 595 || [502, 503, 504].includes(error.status);
}

/**
 * Whether the text says that the lock around a whole change was not obtained, so that nothing was changed: the file lock of
 * a VM's configuration, or the cluster's of the storage definitions. The locks of single storages are taken in the middle
 * of a change and don't count.
 */
export function isOuterLockTimeout(text: string, path: string): boolean {
  const vm = /^can't lock file '\/var\/lock\/qemu-server\/lock-(\d+)\.conf' - got timeout$/.exec(text)?.[1];
  // A request that names another VM in its path holds that one's lock already.
  if (vm !== undefined) return vm === (/\/qemu\/(\d+)(?:\/|$)/.exec(path)?.[1] ?? vm);
  return /^(?:[a-z]+ storage failed: )?cfs-lock 'file-storage_cfg' error: got lock request timeout$/.test(text);
}
