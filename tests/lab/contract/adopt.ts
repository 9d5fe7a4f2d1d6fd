/**
 * A guest that calls which are not in use have made or changed (a clone, a rollback, a template) is set behind the
 * lab's back to what the recording then shows of it, so that what follows can be held against the lab again. Changes
 * the world it is given.
 */
import type { Volume, World } from "../../../lab/proxmox/world";
import { isEntry } from "./canonical";
import type { Exchange, Json } from "./exchange";
import type { Names } from "./names";

/** Answers' keys that are not in the file. */
const notInFile = ["digest"];
const units: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };
const cloudinitBytes = 4 * 2 ** 20;

/** What ties a guest to things that the lab knows nothing of: templates in files and their linked clones, mapped devices. */
const ties = /base-\d+-disk-\d+\.|mapping=/;

/** Whether the exchange shows all there is of a guest at rest that stands for itself. */
export function showsGuest({ method, path, status, body }: Exchange): boolean {
  return method === "GET" && status === 200 && /\/qemu\/\d+\/config$/.test(path) && !ties.test(JSON.stringify(body));
}

/** Makes the lab's guest what the exchange shows; its volumes are those that its configuration names. */
export function adoptGuest(world: World, { path, body }: Exchange, names: Names): void {
  const vmid = Number(/\/qemu\/(\d+)/.exec(path)?.[1]);
  const data = isEntry(body) ? (body.data ?? null) : null;
  if (!isEntry(data)) return;
  const shown = Object.entries(data).filter(([key]) => !notInFile.includes(key));
  const config = Object.fromEntries(shown.map(([key, value]) => [key, names.toLive(fileText(value))]));
  world.vms[vmid] = { vmid, config, pending: {}, deletes: {}, cloudinit: {} };
  const named = Object.entries(config).flatMap(([key, value]) => (isDriveKey(key) ? volumesIn(value, vmid) : []));
  const kept = Object.values(world.volumes).filter((volume) => volume.vmid !== vmid);
  world.volumes = Object.fromEntries([...kept, ...named].map((volume) => [volume.volid, volume]));
}

function isDriveKey(key: string): boolean {
  return /^(ide|sata|scsi|virtio|efidisk|tpmstate|unused)\d+$/.test(key);
}

/** The guest's own volume that a drive's text names, if it names one. */
function volumesIn(text: string, vmid: number): Volume[] {
  const [volid = "", ...options] = text.split(",");
  const storage = /^([^:/]+):/.exec(volid)?.[1];
  const owner = /(?:vm|base)-(\d+)-[^/]*$/.exec(volid)?.[1];
  if (storage === undefined || Number(owner) !== vmid) return [];
  const [, number, unit = ""] = /^size=(\d+)([KMGT]?)$/.exec(options.find((it) => it.startsWith("size=")) ?? "") ?? [];
  const size = number === undefined ? cloudinitBytes : Number(number) * (units[unit] ?? 1);
  const format = /\.(qcow2|raw|vmdk)$/.exec(volid)?.[1] ?? "raw";
  return [{ volid, storage, vmid, content: "images", format, size, ctime: 1_700_000_000 }];
}

function fileText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
