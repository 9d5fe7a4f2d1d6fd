/**
 * Calls that make, change and remove a storage's definition, and the looks that they start from. Each that leaves one
 * gives it back as it is then.
 */
import { isAlreadyExists, isDigestMismatch, isNotFound } from "../classify";
import type { ProxmoxClient } from "../client";
import { memo } from "../../memo";
import { movedServer, movedText } from "./check";
import { definitionChanges, definitionParams, differences, type Definition } from "./definition";
import type { StorageInputs } from "./inputs";

/** Times that somebody else may change a storage between our look and our call. */
const ATTEMPTS = 3;

/** Every definition that the credential may see; that one is missing here proves nothing. */
export const storageListing = memo(async (client: ProxmoxClient): Promise<ReadonlyMap<string, Definition>> => {
  const definitions = await client.get<readonly Definition[]>("/storage");
  return new Map(definitions.map((definition) => [definition.storage, definition]));
});

const pathOf = (storage: string): string => `/storage/${encodeURIComponent(storage)}`;

/** `undefined` where Proxmox says that there is none. */
export async function lookAtStorage(client: ProxmoxClient, storage: string): Promise<Definition | undefined> {
  try {
    return await client.get<Definition>(pathOf(storage));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function justMade(client: ProxmoxClient, storage: string): Promise<Definition> {
  const live = await lookAtStorage(client, storage);
  if (live === undefined) throw new Error("it was just there and is gone - run up again");
  return live;
}

/** One that is there already is taken for ours only if it is what the house says; then nothing is written. */
async function takeOver(client: ProxmoxClient, inputs: StorageInputs): Promise<Definition> {
  const live = await justMade(client, inputs.storage);
  const differing = differences(live, inputs);
  if (differing.length === 0) return live;
  throw new Error(
    `a storage of this id exists and differs, so nothing was changed - ${differing.join("; ")} - write what it has, or change it in Proxmox first`,
  );
}

export async function createStorage(client: ProxmoxClient, inputs: StorageInputs): Promise<Definition> {
  if ((await storageListing.get(client)).has(inputs.storage)) return takeOver(client, inputs);
  storageListing.forget(client);
  try {
    await client.post("/storage", definitionParams(inputs));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return takeOver(client, inputs);
  }
  return justMade(client, inputs.storage);
}

/** @param first called with what there was before anything is changed. */
export async function updateStorage(
  client: ProxmoxClient,
  inputs: StorageInputs,
  first: (live: Definition) => void,
): Promise<Definition> {
  for (let attempt = 1; ; attempt++) {
    const live = await lookAtStorage(client, inputs.storage);
    if (live === undefined) throw new Error('it is gone - run "pulumi refresh", then up makes it anew');
    if (attempt === 1) first(live);
    const moved = movedServer(live, inputs);
    if (moved) throw new Error(movedText(moved));
    const changes = definitionChanges(live, inputs);
    if (changes === undefined) return live;
    try {
      storageListing.forget(client);
      await client.put(pathOf(inputs.storage), changes);
    } catch (error) {
      if (!isDigestMismatch(error) || attempt === ATTEMPTS) throw error;
      continue;
    }
    return justMade(client, inputs.storage);
  }
}

export async function removeStorage(client: ProxmoxClient, { storage, deletable }: StorageInputs): Promise<void> {
  if (deletable !== true)
    throw new Error("not removed: it is not deletable - set deletable: true and run up, then remove it");
  storageListing.forget(client);
  try {
    await client.delete(pathOf(storage));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
