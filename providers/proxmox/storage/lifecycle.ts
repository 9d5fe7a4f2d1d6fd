/**
 * The life of a storage's definition. Its data is never touched: Proxmox's API has no way to. Endpoint and credentials
 * are those of today's environment.
 */
import type { Lifecycle } from "../../lifecycle";
import { spoken } from "../../spoken";
import { isAlreadyExists, isDigestMismatch, isNotFound } from "../classify";
import { adoptStorage } from "../adopt/adoptStorage";
import { adoptionFrom, type Adoption } from "../adopt/option";
import type { ProxmoxClient } from "../client";
import { clientFor } from "../clientFor";
import { memo } from "../memo";
import { checkStorage, movedServer, movedText } from "./check";
import { definitionChanges, definitionParams, differences, storageFromApi, type Definition } from "./definition";
import type { StorageInputs } from "./inputs";

/** Times that somebody else may change a storage between our look and our call. */
const ATTEMPTS = 3;

/** Every definition that the credential may see; that one is missing here proves nothing. */
const listing = memo(async (client): Promise<ReadonlyMap<string, Definition>> => {
  const definitions = await client.get<readonly Definition[]>("/storage");
  return new Map(definitions.map((definition) => [definition.storage, definition]));
});

const pathOf = (storage: string): string => `/storage/${encodeURIComponent(storage)}`;

async function look(client: ProxmoxClient, storage: string): Promise<Definition | undefined> {
  try {
    return await client.get<Definition>(pathOf(storage));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** One that is there already is taken for ours only if it is what the house says; then nothing is written. */
async function takeOver(client: ProxmoxClient, inputs: StorageInputs): Promise<void> {
  const live = await look(client, inputs.storage);
  if (live === undefined) throw new Error("it was just there and is gone - run up again");
  const differing = differences(live, inputs);
  if (differing.length === 0) return;
  throw new Error(
    `a storage of this id exists and differs, so nothing was changed - ${differing.join("; ")} - write what it has, or change it in Proxmox first`,
  );
}

async function createStorage(client: ProxmoxClient, inputs: StorageInputs): Promise<void> {
  if ((await listing.get(client)).has(inputs.storage)) {
    await takeOver(client, inputs);
    return;
  }
  listing.forget(client);
  try {
    await client.post("/storage", definitionParams(inputs));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await takeOver(client, inputs);
  }
}

async function updateStorage(client: ProxmoxClient, inputs: StorageInputs): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const live = await look(client, inputs.storage);
    if (live === undefined) throw new Error('it is gone - run "pulumi refresh", then up makes it anew');
    const moved = movedServer(live, inputs);
    if (moved) throw new Error(movedText(moved));
    const changes = definitionChanges(live, inputs);
    if (changes === undefined) return;
    try {
      listing.forget(client);
      await client.put(pathOf(inputs.storage), changes);
      return;
    } catch (error) {
      if (!isDigestMismatch(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function forgetStorage(client: ProxmoxClient, { storage, deletable }: StorageInputs): Promise<void> {
  if (deletable !== true)
    throw new Error("not removed: it is not deletable - set deletable: true and run up, then remove it");
  listing.forget(client);
  try {
    await client.delete(pathOf(storage));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/**
 * @param client today's; asked for at each call.
 * @param adoption whether this run takes over what is there, and makes nothing.
 * @param tell a person, at once: in a preview, too.
 */
export function storageLifecycle(
  client: () => ProxmoxClient,
  adoption: () => Adoption | undefined = () => undefined,
  tell: (text: string) => void = () => undefined,
): Lifecycle<StorageInputs> {
  return spoken(({ storage }) => `storage ${storage ?? "?"}`, {
    check(olds, news) {
      const checked = checkStorage(olds, news);
      const moved = movedServer(olds, checked.inputs);
      if (moved && checked.failures.length === 0) tell(`storage ${checked.inputs.storage}: ${movedText(moved)}`);
      return Promise.resolve(checked);
    },

    // What can't be changed in place is refused by check; should a replacement be forced, the old one goes first.
    diff: () => Promise.resolve({ deleteBeforeReplace: true }),

    async create(inputs) {
      const adopting = adoption();
      if (adopting !== undefined) {
        const live = (await listing.get(client())).get(inputs.storage);
        return { id: inputs.storage, outs: adoptStorage(live, inputs, adopting) };
      }
      await createStorage(client(), inputs);
      return { id: inputs.storage, outs: inputs };
    },

    async read(id, state) {
      const live = (await listing.get(client())).get(id) ?? (await look(client(), id));
      if (live === undefined) return {};
      const inputs = storageFromApi(live, state);
      return { id, inputs, props: inputs };
    },

    async update(_id, _olds, news) {
      await updateStorage(client(), news);
      return { outs: news };
    },

    delete: (_id, state) => forgetStorage(client(), state),
  });
}

export const lifecycle = storageLifecycle(
  () => clientFor(process.env),
  () => adoptionFrom(process.env),
  (text) => {
    console.warn(text);
  },
);
