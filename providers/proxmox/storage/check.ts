/** `check` of a storage: shape, what Proxmox fixes, canonical form. CPU only. */
import { canonical } from "../../canonical";
import { failuresOf } from "../../failures";
import type { CheckFailure } from "../../lifecycle";
import { isUnknown } from "../../unknown";
import type { StorageSpec } from "./args";
import type { StorageFields, StorageInputs } from "./inputs";
import { FIXED, storageSchema } from "./schema";

const sorted = (value: StorageFields[string]): StorageFields[string] =>
  Array.isArray(value) && !value.some(isUnknown) ? [...new Set(value as string[])].sort() : value;

const bare = (value: StorageFields[string]): StorageFields[string] =>
  typeof value === "string" && value.length > 1 ? value.replace(/\/+$/, "") : value;

/** @param spec of the right shape, or unknown in part. */
export function canonicalStorage(spec: StorageSpec): StorageInputs {
  const given = spec as unknown as StorageFields;
  return canonical({
    ...given,
    content: sorted(given.content),
    nodes: sorted(given.nodes),
    path: bare(given.path),
    export: bare(given.export),
    options: given.options === "" ? undefined : given.options,
  }) as unknown as StorageInputs;
}

/** Where a storage's server moved to, if it did: nobody but a person can tell Proxmox, see {@link movedText}. */
export function movedServer(olds: unknown, inputs: StorageInputs): { from: string; to: string } | undefined {
  const [{ server: from }, { server: to }] = [(olds ?? {}) as StorageFields, inputs as unknown as StorageFields];
  return typeof from === "string" && typeof to === "string" && from !== to ? { from, to } : undefined;
}

/** What a person does about a server that moved, in one line. */
export const movedText = ({ from, to }: { readonly from: string; readonly to: string }): string =>
  `server: ${to}: Proxmox has ${from}, and its API never changes that of a storage - once the server answers there, ` +
  `change it in the node's /etc/pve/storage.cfg, then run "pulumi refresh"; until then up stops at this storage`;

function fixedChanges(olds: StorageFields, news: StorageFields): CheckFailure[] {
  const fixed = FIXED[news.type as StorageSpec["type"]];
  // A server moves when a house is renumbered: that must not hide the rest of the preview. `up` stops at it.
  const refused = Object.keys(fixed).filter((property) => property !== "server");
  return ["storage", "type", ...refused].flatMap((property) => {
    const [had, wants] = [olds[property], news[property]];
    if (had === undefined || had === wants || isUnknown(had) || isUnknown(wants)) return [];
    return {
      property,
      reason:
        `${String(wants)}: it is ${had.toString()}, and Proxmox's API never changes that of a storage - if it is the same ` +
        `storage elsewhere by now, change it in the node's /etc/pve/storage.cfg, then run "pulumi refresh"; if it is another, ` +
        `add it under an id of its own, move the disks there, and take this one out; or write ${had.toString()} again`,
    };
  });
}

/** @param olds recorded inputs; `{}` for a new storage. */
export function checkStorage(olds: unknown, news: unknown): { inputs: StorageInputs; failures: CheckFailure[] } {
  const failures = failuresOf(storageSchema, news);
  if (failures.length > 0) return { inputs: news as StorageInputs, failures };
  const inputs = canonicalStorage(news as StorageSpec);
  return { inputs, failures: fixedChanges((olds ?? {}) as StorageFields, inputs as unknown as StorageFields) };
}
