/**
 * The life of a storage's definition. Its data is never touched: Proxmox's API has no way to. Endpoint and credentials
 * are those of today's environment.
 */
import type { Lifecycle } from "../../lifecycle";
import { spoken } from "../../spoken";
import { adoptStorage } from "../adopt/adoptStorage";
import { adoptionFrom, type Adoption } from "../../adoption";
import type { ProxmoxClient } from "../client";
import { clientFor } from "../clientFor";
import { editNotes, unseenNotes } from "../edits";
import { checkStorage, movedServer, movedText } from "./check";
import { createStorage, lookAtStorage, removeStorage, storageListing, updateStorage } from "./ensure";
import type { StorageInputs, StorageState } from "./inputs";
import { seenStorage, storageState, unnamedEdits } from "./unnamed";

/**
 * @param client today's; asked for at each call.
 * @param adoption whether this run takes over what is there, and makes nothing.
 * @param tell a person, at once: in a preview, too.
 */
export function storageLifecycle(
  client: () => ProxmoxClient,
  adoption: () => Adoption | undefined = () => undefined,
  tell: (text: string) => void = () => undefined,
): Lifecycle<StorageInputs, StorageState> {
  const telling = (storage: string, notes: readonly string[]): void => {
    for (const note of notes) tell(`storage ${storage}: ${note}`);
  };
  return spoken(({ storage }) => `storage ${storage ?? "?"}`, {
    check(olds, news) {
      const checked = checkStorage(olds, news);
      const moved = movedServer(olds, checked.inputs);
      const { unnamed } = (olds ?? {}) as Partial<StorageInputs>;
      // Said in the preview already, where the engine shows a way back that there is not.
      if (checked.failures.length === 0)
        telling(checked.inputs.storage, [...(moved ? [movedText(moved)] : []), ...editNotes(unnamed)]);
      return Promise.resolve(checked);
    },

    // What can't be changed in place is refused by check; should a replacement be forced, the old one goes first.
    diff: () => Promise.resolve({ deleteBeforeReplace: true }),

    async create(inputs) {
      const adopting = adoption();
      const id = inputs.storage;
      if (adopting === undefined) return { id, outs: storageState(await createStorage(client(), inputs), inputs) };
      const live = (await storageListing.get(client())).get(id);
      return { id, outs: adoptStorage(live, inputs, adopting) };
    },

    async read(id, state) {
      const live = (await storageListing.get(client())).get(id) ?? (await lookAtStorage(client(), id));
      return live === undefined ? {} : { id, ...seenStorage(live, state) };
    },

    async update(id, olds, news) {
      const live = await updateStorage(client(), news, (found) => {
        telling(id, unseenNotes(unnamedEdits(found, olds), olds.unnamed));
      });
      return { outs: storageState(live, news) };
    },

    delete: (_id, state) => removeStorage(client(), state),
  });
}

export const lifecycle = storageLifecycle(
  () => clientFor(process.env),
  () => adoptionFrom(process.env),
  (text) => {
    console.warn(text);
  },
);
