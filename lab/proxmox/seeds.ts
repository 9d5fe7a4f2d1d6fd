/** Worlds to begin with: an empty node, and the house's as after a fresh installation. Pure. */
import type { StorageType, Storage } from "./storage/definition";
import type { Acl, Token, User, Volume, WebFile, WorldSeed } from "./world";

export interface StorageSeed {
  readonly type: StorageType;
  /** As in `storage.cfg`: `path`, `vgname`, `thinpool`, `content`, `shared`, ... */
  readonly properties: Readonly<Record<string, string>>;
  /** Files and volumes on it, by name behind the storage's id (`iso/tiny.iso`). */
  readonly files?: readonly FileSeed[];
}

export interface FileSeed {
  /** `iso/tiny.iso`, `import/debian.qcow2`, `vm-100-disk-0`, `100/vm-100-disk-0.raw` */
  readonly name: string;
  /** Bytes, as a guest sees them. */
  readonly bytes: number;
  /** Bytes of the file, where they differ. */
  readonly fileBytes?: number;
  /** @default by the name's end */
  readonly format?: string;
}

export interface NodeSeed {
  readonly node: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  /** @default vmbr0 */
  readonly bridges?: readonly string[];
  readonly storages: Readonly<Record<string, StorageSeed>>;
  /** By user id. @default root@pam with the password `lab` */
  readonly users?: Readonly<Record<string, User>>;
  /** By full id: `root@pam!ci`. */
  readonly tokens?: Readonly<Record<string, Token>>;
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  readonly acl?: readonly Acl[];
  /** Paths of the host's disks with their bytes; `/dev/disk/by-id/*` stands for all below it. */
  readonly physicalDisks?: Readonly<Record<string, number>>;
  readonly nfsServers?: readonly string[];
  readonly web?: Readonly<Record<string, WebFile>>;
  readonly rootBytes?: number;
  readonly rootUsed?: number;
  /** Bytes by `vg/pool`. @default pve/data with 400 GiB */
  readonly thinPools?: Readonly<Record<string, number>>;
  /** Unix seconds. @default 2 hours ago */
  readonly now?: number;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

function formatOf(name: string): string {
  if (name.startsWith("iso/")) return "iso";
  if (name.startsWith("snippets/")) return "snippet";
  return /\.(qcow2|vmdk|raw)$/.exec(name)?.[1] ?? "raw";
}

function seedVolume(storage: string, file: FileSeed, ctime: number): Volume {
  const kind = /^(iso|import|snippets|vztmpl|backup)\//.exec(file.name)?.[1];
  const owner = /(?:vm|base)-(\d+)-/.exec(file.name)?.[1];
  return {
    volid: `${storage}:${file.name}`,
    storage,
    content: (kind ?? "images") as Volume["content"],
    format: file.format ?? formatOf(file.name),
    size: file.bytes,
    ctime,
    ...(owner === undefined ? {} : { vmid: Number(owner) }),
    ...(file.fileBytes === undefined ? {} : { fileSize: file.fileBytes }),
  };
}

/** A node without guests. */
export function emptyNode(seed: NodeSeed): WorldSeed {
  const now = seed.now ?? Math.floor(Date.now() / 1000);
  const storages = Object.entries(seed.storages).map(([storage, { type, properties }]): [string, Storage] => [
    storage,
    { storage, type, properties: { ...properties } },
  ]);
  const volumes = Object.entries(seed.storages).flatMap(([storage, { files = [] }]) =>
    files.map((file) => seedVolume(storage, file, now - 3600)),
  );
  return {
    node: {
      name: seed.node,
      cpus: seed.cpus,
      memory: seed.memory,
      bridges: seed.bridges ?? ["vmbr0"],
      rootBytes: seed.rootBytes ?? 94 * GIB,
      rootUsed: seed.rootUsed ?? 6 * GIB,
      thinPools: seed.thinPools ?? { "pve/data": 400 * GIB },
      bootedAt: now - 7200,
    },
    physicalDisks: seed.physicalDisks ?? {},
    users: { ...(seed.users ?? { "root@pam": { password: "lab" } }) },
    tokens: { ...seed.tokens },
    roles: { ...seed.roles },
    acl: [...(seed.acl ?? [])],
    storages: Object.fromEntries(storages),
    nfsServers: seed.nfsServers ?? [],
    web: { ...seed.web },
    volumes: Object.fromEntries(volumes.map((volume) => [volume.volid, volume])),
    vms: {},
    tasks: [],
    nextPid: 20_000,
  };
}

/** Secret of the lab's token `root@pam!lab`. */
export const LAB_TOKEN = "11111111-2222-3333-4444-555555555555";
/** Password of the lab's root@pam. */
export const LAB_PASSWORD = "lab";

/** The house's node, freshly installed: its two own storages, no guests, the NAS not mounted yet. */
export function houseNode(): WorldSeed {
  return emptyNode({
    node: "infinity-node",
    cpus: 24,
    memory: 96 * GIB,
    storages: {
      local: { type: "dir", properties: { path: "/var/lib/vz", content: "iso,vztmpl,backup" } },
      "local-lvm": { type: "lvmthin", properties: { vgname: "pve", thinpool: "data", content: "rootdir,images" } },
    },
    users: { "root@pam": { password: LAB_PASSWORD } },
    tokens: { "root@pam!lab": { secret: LAB_TOKEN, privsep: false } },
    physicalDisks: { "/dev/disk/by-id/*": 4_000_787_030_016 },
    nfsServers: ["*"],
    // Cloud images are some 400 MB, and 3 GiB to their guests.
    web: { "https://*": { bytes: 3 * GIB, fileBytes: 420 * MIB, checksums: "any" } },
    thinPools: { "pve/data": 1792 * GIB },
  });
}
