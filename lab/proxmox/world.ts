/** All that the lab's Proxmox knows: one plain object, so that it can be seeded, asserted on and written to a file. */
import type { Storage } from "./storage/definition";

export interface Volume {
  readonly volid: string;
  readonly storage: string;
  /** The VM it belongs to; isos and snippets belong to none. */
  readonly vmid?: number;
  readonly content: "images" | "iso" | "import" | "snippets" | "vztmpl" | "backup";
  readonly format: string;
  /** Bytes, as the guest sees them. */
  size: number;
  /** Bytes of the file itself, where they differ (a sparse qcow2). */
  readonly fileSize?: number;
  /** Unix seconds. */
  readonly ctime: number;
  /** Hex by algorithm (`sha256`), of a downloaded file. */
  readonly checksums?: Readonly<Record<string, string>>;
}

/** A file at an address of the simulated web. */
export interface WebFile {
  /** Bytes, as a guest sees them. */
  readonly bytes: number;
  /** Bytes of the file, where they differ. */
  readonly fileBytes?: number;
  /** Hex by algorithm; `any`: whatever is asked for is right. */
  readonly checksums: Readonly<Record<string, string>> | "any";
}

export interface Vm {
  readonly vmid: number;
  /** The live keys as the configuration file has them. */
  config: Record<string, string>;
  /** Set, but not taken up yet. */
  pending: Record<string, string>;
  /** To be deleted at the next boot; 2 where the volume is to be freed. */
  deletes: Record<string, 1 | 2>;
  /** Cloud-init values that the guest's image still has (`[special:cloudinit]`). */
  cloudinit: Record<string, string>;
  running?: { readonly pid: number; readonly since: number };
}

export interface Task {
  readonly upid: string;
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  readonly starttime: number;
  readonly type: string;
  readonly id: string;
  /** With the token's id, where a token started it: `root@pam!ci`. */
  readonly user: string;
  log: string[];
  endtime?: number;
  /** Set once it ended: `OK`, `WARNINGS: n` or the error. */
  exitstatus?: string;
}

export interface User {
  /** Clear text: this is a lab. */
  readonly password?: string;
  readonly groups?: readonly string[];
  readonly enable?: boolean;
  /** Unix seconds from when on it is refused. @default never */
  readonly expire?: number;
  /** The code of its second factor: always the same one, this is a lab. @default it has none */
  readonly totp?: string;
  /** `comment`, `email`, `firstname`, `lastname`. */
  readonly about?: Readonly<Record<string, string>>;
}

export interface Token {
  readonly secret: string;
  /** Its rights are the user's, cut down to its own ACLs. */
  readonly privsep: boolean;
  /** Unix seconds from when on it is refused. @default never */
  readonly expire?: number;
  readonly comment?: string;
}

export interface Acl {
  readonly path: string;
  readonly type: "user" | "group" | "token";
  /** `bob@pve`, a group's name, or `bob@pve!ci`. */
  readonly ugid: string;
  readonly roleid: string;
  readonly propagate: boolean;
}

export interface NodeFacts {
  readonly name: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly bridges: readonly string[];
  /** What the API shows of each interface; a bridge that is not among them is shown with its name alone. */
  readonly interfaces?: Readonly<Record<string, Readonly<Record<string, unknown>> & { readonly type: string }>>;
  /** Capacity in bytes: of the root file system that directories lie on, and of each thin pool (`pve/data`). */
  readonly rootBytes: number;
  readonly rootUsed: number;
  readonly thinPools: Readonly<Record<string, number>>;
  readonly bootedAt: number;
}

export interface World {
  readonly node: NodeFacts;
  /** Physical disks by path, bytes. A key that ends in `*` stands for all that begin like it. */
  readonly physicalDisks: Readonly<Record<string, number>>;
  users: Record<string, User>;
  /** By full id: `root@pam!test`. */
  tokens: Record<string, Token>;
  roles: Record<string, readonly string[]>;
  acl: Acl[];
  /** In the order of `storage.cfg`. */
  storages: Record<string, Storage>;
  /** NFS servers that answer; a definition of another one is refused unless it is disabled. */
  nfsServers: readonly string[];
  /** What Proxmox can download, by address. A key that ends in `*` stands for all that begin like it. @default nothing */
  web?: Record<string, WebFile>;
  volumes: Record<string, Volume>;
  vms: Record<string, Vm>;
  tasks: Task[];
  /** Next process id. */
  nextPid: number;
}

/** A world before anything happened in it. */
export type WorldSeed = World;
