/** Volumes on the lab's storages: named, numbered, sized and refused as LVM-thin and directories do. Works on the world. */
import type { Clock } from "../clock";
import type { Volume, World } from "../world";
import { Problem } from "../wire/problem";
import { isEnabled, storagePath, type Storage } from "./definition";

const EXTENT = 4 * 1024 ** 2;
const FILE_FORMATS = ["raw", "qcow2", "vmdk"];

/** @throws Problem 500 `storage 'x' does not exist` */
export function storageNamed(world: World, id: string): Storage {
  const storage = world.storages[id];
  if (!storage) throw Problem.failed(`storage '${id}' does not exist`);
  return storage;
}

function enabled(world: World, id: string): Storage {
  const storage = storageNamed(world, id);
  if (!isEnabled(storage)) throw Problem.failed(`storage '${id}' is disabled`);
  return storage;
}

export const isThin = (storage: Storage): boolean => storage.type === "lvmthin";

const groupOf = (storage: Storage): string => storage.properties.vgname ?? "";

/** Whole extents on LVM, the exact size elsewhere. */
export const roundedSize = (storage: Storage, bytes: number): number =>
  isThin(storage) ? Math.ceil(bytes / EXTENT) * EXTENT : Math.ceil(bytes);

function freeName(world: World, storage: Storage, vmid: number): string {
  const taken = new Set<number>();
  for (const volume of Object.values(world.volumes)) {
    const match = volume.storage === storage.storage ? /(?:vm|base)-(\d+)-disk-(\d+)/.exec(volume.volid) : null;
    if (match && Number(match[1]) === vmid) taken.add(Number(match[2]));
  }
  let index = 0;
  while (taken.has(index)) index += 1;
  return `vm-${vmid}-disk-${index}`;
}

export interface Allocation {
  readonly storage: string;
  readonly vmid: number;
  readonly bytes: number;
  /** @default the storage's own: raw */
  readonly format?: string;
  /** Without its suffix. @default the next free `vm-N-disk-M` */
  readonly name?: string;
}

/** Makes a volume and returns its id. @throws Problem 500 as the storage's plugin words it */
export function allocate(world: World, clock: Clock, wanted: Allocation, log: (line: string) => void): Volume {
  const storage = enabled(world, wanted.storage);
  const format = wanted.format ?? "raw";
  const thin = isThin(storage);
  if (thin && format !== "raw")
    throw Problem.failed(`unsupported format '${format}' at /usr/share/perl5/PVE/Storage/LvmThinPlugin.pm line 88.`);
  if (!thin && !FILE_FORMATS.includes(format)) throw Problem.failed(`unsupported format '${format}'`);
  const name = wanted.name ?? freeName(world, storage, wanted.vmid);
  const file = thin ? name : `${wanted.vmid}/${name}.${format}`;
  const volid = `${storage.storage}:${file}`;
  if (world.volumes[volid]) throw alreadyThere(storage, file);
  const size = roundedSize(storage, wanted.bytes);
  const volume: Volume = {
    volid,
    storage: storage.storage,
    vmid: wanted.vmid,
    content: "images",
    format,
    size,
    ctime: clock.now(),
  };
  world.volumes[volid] = volume;
  log(
    thin
      ? `  Logical volume "${name}" created.`
      : `Formatting '${storagePath(storage) ?? ""}/images/${file}', fmt=${format} size=${size}`,
  );
  return volume;
}

const alreadyThere = (storage: Storage, file: string): Problem =>
  Problem.failed(
    isThin(storage)
      ? `lvcreate '${groupOf(storage)}/${file}' error:   Logical Volume "${file}" already exists in volume group "${groupOf(storage)}"`
      : `disk image '${storagePath(storage) ?? ""}/images/${file}' already exists`,
  );

/** Frees a volume; one that is gone already is no error. */
export function free(world: World, volid: string, log: (line: string) => void): void {
  const storage = enabled(world, volid.split(":")[0] ?? "");
  if (!world.volumes[volid]) return;
  Reflect.deleteProperty(world.volumes, volid);
  if (isThin(storage)) log(`  Logical volume "${volid.split(":")[1] ?? ""}" successfully removed.`);
}

const diskSize = (world: World, path: string): number | undefined => {
  const exact = world.physicalDisks[path];
  if (exact !== undefined) return exact;
  const prefix = Object.keys(world.physicalDisks).find((key) => key.endsWith("*") && path.startsWith(key.slice(0, -1)));
  return prefix === undefined ? undefined : world.physicalDisks[prefix];
};

/** Bytes of a volume or a host's disk. @throws Problem 500 where there is none */
export function volumeSize(world: World, file: string): number {
  if (file.startsWith("/")) {
    const bytes = diskSize(world, file);
    if (bytes === undefined) throw Problem.failed(`volume ${file} does not exist`);
    return bytes;
  }
  const [id = "", name = ""] = file.split(/:(.*)/s);
  const storage = enabled(world, id);
  const volume = world.volumes[file];
  if (volume) return volume.size;
  throw Problem.failed(
    isThin(storage) ? `no such logical volume ${groupOf(storage)}/${name}` : `volume '${file}' does not exist`,
  );
}

/** What kind of content a volume id names. @throws Problem 500 where the storage's plugin can't parse it */
export function contentTypeOf(world: World, volid: string): Volume["content"] {
  const [id = "", name = ""] = volid.split(/:(.*)/s);
  const storage = storageNamed(world, id);
  if (isThin(storage)) {
    if (!/^(vm|base)-\d+-\S+$/.test(name)) throw Problem.failed(`unable to parse lvm volume name '${name}'`);
    return "images";
  }
  const kind = /^(iso|import|snippets|vztmpl|backup)\/.+$/.exec(name)?.[1];
  if (kind !== undefined) return kind as Volume["content"];
  if (/^(\d+\/\S+\/)?\d+\/\S+$/.test(name)) return "images";
  throw Problem.failed(`unable to parse directory volume name '${name}'`);
}
