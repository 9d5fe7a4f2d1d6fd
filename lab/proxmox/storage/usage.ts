/** What a node sees of its storages: whether they are there, how full, and what they hold. Pure. */
import { may } from "../access/permissions";
import type { Call } from "../call";
import { Problem } from "../wire/problem";
import type { Volume, World } from "../world";
import { isEnabled, isShared, storageContent, type Storage } from "./definition";
import { isThin } from "./volumes";

export interface Usage {
  readonly total: number;
  readonly used: number;
  readonly avail: number;
}

/** Whether the server behind it answers; what lies on the node itself always does. */
export const answers = (world: World, { type, properties }: Pick<Storage, "type" | "properties">): boolean =>
  type !== "nfs" || world.nfsServers.some((server) => server === "*" || server === properties.server);

const isActive = (world: World, storage: Storage): boolean => isEnabled(storage) && answers(world, storage);

export function usageOf(world: World, storage: Storage): Usage {
  if (!isActive(world, storage)) return { total: 0, used: 0, avail: 0 };
  const { node } = world;
  if (isThin(storage)) {
    const total = node.thinPools[`${storage.properties.vgname ?? ""}/${storage.properties.thinpool ?? ""}`] ?? 0;
    return { total, used: 0, avail: total };
  }
  return { total: node.rootBytes, used: node.rootUsed, avail: node.rootBytes - node.rootUsed };
}

const sees = (call: Call, storage: Storage): boolean => {
  const nodes = storage.properties.nodes?.split(",");
  return nodes === undefined || nodes.includes(call.world.node.name);
};

export function storageStatus(world: World, storage: Storage): Record<string, unknown> {
  return {
    type: storage.type,
    content: storageContent(storage).join(","),
    enabled: isEnabled(storage) ? 1 : 0,
    active: isActive(world, storage) ? 1 : 0,
    shared: isShared(storage) ? 1 : 0,
    ...usageOf(world, storage),
  };
}

const audits = (call: Call, id: string): boolean =>
  ["Datastore.Audit", "Datastore.AllocateSpace"].some((privilege) =>
    may(call.world, call.who, `/storage/${id}`, privilege),
  );

function formatsOf(storage: Storage): unknown {
  return isThin(storage) ? [{ raw: 1, subvol: 1 }, "raw"] : [{ raw: 1, qcow2: 1, vmdk: 1, subvol: 1 }, "raw"];
}

/** `GET /nodes/{node}/storage` */
export const nodeStorages = (call: Call): unknown =>
  Object.values(call.world.storages)
    .filter((storage) => audits(call, storage.storage) && sees(call, storage))
    .filter((storage) => call.params.storage === undefined || storage.storage === call.params.storage)
    .filter(
      (storage) =>
        call.params.content === undefined ||
        call.params.content.split(",").some((kind) => storageContent(storage).includes(kind)),
    )
    .filter((storage) => call.params.enabled !== "1" || isEnabled(storage))
    .map((storage) => {
      const { total, used } = usageOf(call.world, storage);
      return {
        storage: storage.storage,
        ...storageStatus(call.world, storage),
        ...(total > 0 ? { used_fraction: used / total } : {}),
        ...(call.params.format === "1" ? { format: formatsOf(storage) } : {}),
      };
    });

/** `GET /nodes/{node}/storage/{storage}/status` */
export function nodeStorageStatus(call: Call): unknown {
  const storage = call.world.storages[call.params.storage ?? ""];
  if (!storage) throw Problem.parameters({ storage: "No such storage." });
  return storageStatus(call.world, storage);
}

/** The template's file that a linked clone's shares. */
function parentOf({ volid }: Volume): string | null {
  const base = /:(\d+\/base-[^/]+)\//.exec(volid)?.[1];
  return base === undefined ? null : `../${base}`;
}

function shownVolume(storage: Storage, volume: Volume): Record<string, unknown> {
  const thin = isThin(storage);
  const isImage = volume.content === "images";
  return {
    volid: volume.volid,
    content: volume.content,
    format: volume.format,
    size: isImage ? volume.size : (volume.fileSize ?? volume.size),
    ctime: thin ? String(volume.ctime) : volume.ctime,
    ...(volume.vmid === undefined ? {} : { vmid: volume.vmid }),
    ...(isImage && !thin ? { parent: parentOf(volume), used: volume.fileSize ?? 0 } : {}),
  };
}

/** Asked for one VM, Proxmox leaves out isos and templates, but not other files that belong to nobody. */
const isShownFor = ({ vmid, content }: Volume, wanted: number): boolean =>
  vmid === undefined ? content !== "iso" && content !== "vztmpl" : vmid === wanted;

/** `GET /nodes/{node}/storage/{storage}/content` */
export function storageContents(call: Call): unknown {
  const { world, params } = call;
  const id = params.storage ?? "";
  const storage = world.storages[id];
  if (!storage) throw Problem.failed(`storage '${id}' does not exist`);
  if (!isEnabled(storage)) throw Problem.failed(`storage '${id}' is disabled`);
  const isManager = may(world, call.who, `/storage/${id}`, "Datastore.Allocate");
  return Object.values(world.volumes)
    .filter((volume) => isManager || volume.content !== "snippets")
    .filter((volume) => volume.storage === id && storageContent(storage).includes(volume.content))
    .filter((volume) => params.content === undefined || volume.content === params.content)
    .filter((volume) => params.vmid === undefined || isShownFor(volume, Number(params.vmid)))
    .sort((a, b) => (a.volid < b.volid ? -1 : 1))
    .map((volume) => shownVolume(storage, volume));
}
