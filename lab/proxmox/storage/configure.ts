/** `/storage`: definitions made, read, changed and removed; data is never touched. Works on the world. */
import { createHash } from "node:crypto";
import { may } from "../access/permissions";
import type { Call } from "../call";
import { splitList } from "../wire/formats";
import { Problem } from "../wire/problem";
import type { World } from "../world";
import { DEFAULT_CONTENT, FIXED, isEnabled, storageContent, type Storage, type StorageType } from "./definition";
import { answers } from "./usage";

/** Parameters of a definition that are no property of it. */
const NOT_PROPERTY = ["storage", "type", "digest", "delete"];
const NUMBERS = new Set(["shared", "disable", "prefix", "maxfiles", "mkdir", "create-base-path", "create-subdirs"]);

/** SHA-1 of the definitions as a file. */
export function storageDigest(world: World): string {
  const sections = Object.values(world.storages).map(({ type, storage, properties }) => {
    const lines = Object.keys(properties).map((key) => `\t${key} ${properties[key] ?? ""}\n`);
    return `${type}: ${storage}\n${lines.sort().join("")}\n`;
  });
  return createHash("sha1").update(sections.join("")).digest("hex");
}

export function shownStorage(world: World, storage: Storage): Record<string, unknown> {
  const properties = Object.entries(storage.properties).map(([key, value]) => [
    key,
    NUMBERS.has(key) ? Number(value) : value,
  ]);
  return {
    storage: storage.storage,
    type: storage.type,
    digest: storageDigest(world),
    content: storageContent(storage).join(","),
    ...(storage.type === "nfs" ? { path: `/mnt/pve/${storage.storage}`, shared: 1 } : {}),
    ...(Object.fromEntries(properties) as Record<string, unknown>),
  };
}

export const listStorages = (call: Call): unknown =>
  Object.values(call.world.storages)
    .filter(({ storage }) =>
      ["Datastore.Audit", "Datastore.AllocateSpace"].some((privilege) =>
        may(call.world, call.who, `/storage/${storage}`, privilege),
      ),
    )
    .filter((storage) => call.params.type === undefined || storage.type === call.params.type)
    .map((storage) => shownStorage(call.world, storage));

export function getStorage(call: Call): unknown {
  const storage = call.world.storages[call.params.storage ?? ""];
  if (!storage) throw Problem.failed(`storage '${call.params.storage ?? ""}' does not exist`);
  return shownStorage(call.world, storage);
}

/** A storage has to be there when its definition is made. */
function activate(world: World, storage: Storage): void {
  const { type, properties } = storage;
  if (!isEnabled(storage)) return;
  if (!answers(world, storage))
    throw Problem.failed(`create storage failed: storage '${storage.storage}' is not online`);
  const pool = `${properties.vgname ?? ""}/${properties.thinpool ?? ""}`;
  if (type === "lvmthin" && world.node.thinPools[pool] === undefined)
    throw Problem.failed(`create storage failed: no such logical volume ${pool}`);
}

function checkContent(type: StorageType, content: string | undefined): void {
  const allowed = type === "lvmthin" ? DEFAULT_CONTENT.lvmthin : undefined;
  const wrong = splitList(content ?? "").find((part) => allowed && !allowed.includes(part));
  if (wrong !== undefined) throw Problem.failed(`storage does not support content type '${wrong}'`);
}

/** Types that the lab only knows by name are servers that can't be reached. */
function unreachable(id: string, type: string | undefined, server = ""): Problem {
  const text =
    type === "pbs"
      ? `${id}: error fetching datastores - 500 Can't connect to ${server}:8007 (No route to host)`
      : `storage '${id}' is not online`;
  return Problem.failed(`create storage failed: ${text}`);
}

export function createStorage(call: Call): unknown {
  const { params, world } = call;
  const id = params.storage ?? "";
  const type = params.type as StorageType;
  if (!(type in FIXED)) throw unreachable(id, params.type, params.server);
  for (const key of FIXED[type]) {
    if (params[key] === undefined) throw Problem.failed(`missing value for required option '${key}'`);
  }
  if (world.storages[id]) throw Problem.failed(`create storage failed: storage ID '${id}' already defined`);
  checkContent(type, params.content);
  const properties = Object.fromEntries(Object.entries(params).filter(([key]) => !NOT_PROPERTY.includes(key)));
  const storage: Storage = { storage: id, type, properties };
  activate(world, storage);
  world.storages[id] = storage;
  return { storage: id, type };
}

export function updateStorage(call: Call): unknown {
  const { params, world } = call;
  const id = params.storage ?? "";
  const fail = (text: string): Problem => Problem.failed(`update storage failed: ${text}`);
  if (params.digest !== undefined && params.digest !== storageDigest(world))
    throw fail("detected modified configuration - file changed by other user? Try again.");
  const storage = world.storages[id];
  if (!storage) throw fail(`storage '${id}' does not exist`);
  for (const key of Object.keys(params)) {
    if (FIXED[storage.type].includes(key)) throw fail(`can't change value of fixed parameter '${key}'`);
  }
  const removed = splitList(params.delete ?? "");
  const required = removed.find((key) => FIXED[storage.type].includes(key));
  if (required !== undefined) throw fail(`unable to delete required option '${required}'`);
  checkContent(storage.type, params.content);
  for (const [key, value] of Object.entries(params)) {
    if (!NOT_PROPERTY.includes(key)) storage.properties[key] = value;
  }
  for (const key of removed) Reflect.deleteProperty(storage.properties, key);
  return { storage: id, type: storage.type };
}

export function deleteStorage(call: Call): null {
  const id = call.params.storage ?? "";
  if (!call.world.storages[id]) throw Problem.failed(`delete storage failed: storage '${id}' does not exist`);
  Reflect.deleteProperty(call.world.storages, id);
  return null;
}
