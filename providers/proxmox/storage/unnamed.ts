/**
 * The part of a storage's definition that the house does not name: left as it is, and remembered as it was at the last
 * `up`, so that an edit of it is found (PVE 8.4, `/storage`). Pure.
 */
import { canonical } from "../../canonical";
import { editsSince, type Unnamed } from "../edits";
import { parsePropertyString, printPropertyString } from "../vm/propertyString";
import { namedKeys, storageFromApi, type Definition } from "./definition";
import type { StorageInputs, StorageState } from "./inputs";

/** An NFS export is mounted where Proxmox says, and shared by its nature: no line of the file says so. */
const COMPUTED: Readonly<Record<string, readonly string[]>> = { nfs: ["path", "shared"] };

const LISTS: ReadonlySet<string> = new Set(["content", "nodes"]);
const PROPERTY_STRINGS: ReadonlySet<string> = new Set(["prune-backups", "content-dirs", "bwlimit"]);

/** What Proxmox does where the key is not there: writing it out is no edit. */
const DEFAULTS: Readonly<Record<string, string>> = {
  "create-base-path": "1",
  "create-subdirs": "1",
  disable: "0",
  is_mountpoint: "0",
  mkdir: "1",
  nocow: "0",
  preallocation: "metadata",
  "prune-backups": "keep-all=1",
  saferemove: "0",
  shared: "0",
};

const SWITCHES: Readonly<Record<string, string>> = { yes: "1", on: "1", true: "1", no: "0", off: "0", false: "0" };
/** Keys whose `off` is a word of its own. */
const WORDS: ReadonlySet<string> = new Set(["preallocation", "options"]);

function spelt(key: string, live: string | number): string | undefined {
  const text = String(live).trim();
  const value = LISTS.has(key)
    ? text
        .split(/[\s,;]+/)
        .sort()
        .join(",")
    : PROPERTY_STRINGS.has(key)
      ? printPropertyString(parsePropertyString(text, ""))
      : WORDS.has(key)
        ? text
        : (SWITCHES[text.toLowerCase()] ?? text);
  return value === "" || value === DEFAULTS[key] ? undefined : value;
}

/** By Proxmox's key, in one spelling. @param named what the house says, or said at its last run. */
export function unnamedOf(live: Definition, named: StorageInputs): Unnamed {
  const ours = new Set(["storage", "type", "digest", ...(COMPUTED[live.type] ?? []), ...namedKeys(live.type, named)]);
  const lines = Object.entries(live).flatMap(([key, value]) => {
    const text = ours.has(key) || value === undefined ? undefined : spelt(key, value);
    return text === undefined ? [] : [[key, text] as const];
  });
  return canonical(Object.fromEntries(lines));
}

/** After a run: what there is now is what the house made or took note of. */
export const storageState = (live: Definition, inputs: StorageInputs): StorageState =>
  canonical({ ...inputs, acknowledged: unnamedOf(live, inputs) });

/** What was edited since it was last taken note of; `undefined` where nothing was, or nothing is remembered. */
export const unnamedEdits = (live: Definition, state: StorageState): Unnamed | undefined =>
  state.acknowledged && editsSince(state.acknowledged, unnamedOf(live, state));

/** After a look: what was recorded goes on to count, and what was edited since is marked. */
export function seenStorage(live: Definition, state: StorageState): { inputs: StorageInputs; props: StorageState } {
  const unnamed = unnamedEdits(live, state);
  const inputs = canonical({ ...storageFromApi(live, state), unnamed });
  const acknowledged = state.acknowledged ?? unnamedOf(live, state);
  return { inputs, props: canonical({ ...inputs, acknowledged }) };
}
