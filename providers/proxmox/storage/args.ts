/** What a house says of one storage of the Proxmox cluster: the manual of the `Storage` resource (`/storage/{storage}`). */
import type { Wired } from "../../wired";

export type StorageContent = "images" | "rootdir" | "iso" | "vztmpl" | "backup" | "snippets" | "import";

interface StorageOptions {
  /** Storage id: a letter first, two characters or more. Never changed. */
  readonly storage: string;
  /** What it may hold. In place. Left out: as it is. */
  readonly content?: readonly StorageContent[];
  /** Nodes that see it. In place. @default all */
  readonly nodes?: readonly string[];
  /** In place. */
  readonly enabled?: boolean;
  /** Whether removing it from the house removes its definition (never its data). @default false: it is forgotten */
  readonly deletable?: boolean;
}

/** A directory of the node. `path` is fixed by Proxmox: another one is refused in `check`. */
export interface DirectoryStorage extends StorageOptions {
  readonly type: "dir";
  readonly path: string;
}

/** An LVM thin pool of the node. `volumeGroup` and `thinPool` are fixed by Proxmox. */
export interface LvmThinStorage extends StorageOptions {
  readonly type: "lvmthin";
  readonly volumeGroup: string;
  readonly thinPool: string;
}

/** An NFS export. `server` and `export` are fixed by Proxmox. */
export interface NfsStorage extends StorageOptions {
  readonly type: "nfs";
  readonly server: string;
  readonly export: string;
  /** Mount options: `vers=4.2,soft`. In place; taken up at the next mount. */
  readonly options?: string;
}

export type StorageSpec = DirectoryStorage | LvmThinStorage | NfsStorage;

export type StorageArgs = Wired<StorageSpec>;
