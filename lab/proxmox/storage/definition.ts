/** What a storage's section in `storage.cfg` says, per type: its parameters, which are fixed, and its defaults. Pure. */

export type StorageType = "dir" | "lvmthin" | "nfs";

export interface Storage {
  readonly storage: string;
  readonly type: StorageType;
  /** Properties as written: `content` (as sent), `path`, `server`, `nodes`, `disable`, ... */
  properties: Record<string, string>;
}

/** Content that a storage holds where its section does not say so. */
export const DEFAULT_CONTENT: Readonly<Record<StorageType, readonly string[]>> = {
  dir: ["backup", "images", "iso", "rootdir", "snippets", "vztmpl"],
  nfs: ["images"],
  lvmthin: ["images", "rootdir"],
};

/** Properties that a definition can't do without, and that no update may change. */
export const FIXED: Readonly<Record<StorageType, readonly string[]>> = {
  dir: ["path"],
  nfs: ["server", "export"],
  lvmthin: ["vgname", "thinpool"],
};

export const storageContent = (storage: Storage): readonly string[] =>
  storage.properties.content?.split(",") ?? DEFAULT_CONTENT[storage.type];

/** Where its files lie; thin pools have no directory. */
export const storagePath = (storage: Storage): string | undefined =>
  storage.type === "nfs" ? (storage.properties.path ?? `/mnt/pve/${storage.storage}`) : storage.properties.path;

export const isEnabled = (storage: Storage): boolean => storage.properties.disable !== "1";

export const isShared = (storage: Storage): boolean => storage.type === "nfs" || storage.properties.shared === "1";
