/** A storage's definition between Proxmox's words (`/storage`, PVE 8.4) and the house's. Pure. */
import { canonical, sameCanonical } from "../../canonical";
import type { Params } from "../client";
import type { StorageSpec } from "./args";
import type { StorageFields, StorageInputs } from "./inputs";
import { FIXED } from "./schema";

/** One entry of `GET /storage`. Its lists are in random order in every answer. */
export interface Definition {
  readonly storage: string;
  readonly type: string;
  readonly digest?: string;
  readonly [key: string]: string | number | undefined;
}

type Live = string | number | undefined;
type Value = StorageFields[string];

interface Codec {
  readonly key: string;
  readonly parse: (live: Live) => Value;
  /** `null` takes the key away. */
  readonly print: (value: Value) => string | boolean | null;
}

const list = (live: Live): readonly string[] => (live === undefined ? [] : String(live).split(",").sort());
const joined = (value: Value): string | null => (Array.isArray(value) && value.length > 0 ? value.join(",") : null);

/** What can be changed in place, by the house's name. */
const CHANGEABLE: Readonly<Record<string, Codec>> = {
  content: { key: "content", parse: list, print: joined },
  nodes: { key: "nodes", parse: list, print: joined },
  enabled: {
    key: "disable",
    parse: (live) => String(live ?? 0) !== "1",
    print: (enabled) => (enabled === true ? null : true),
  },
  options: {
    key: "options",
    // Taken away by hand they are none, and still the house's.
    parse: (live) => (live === undefined ? "" : String(live)),
    print: (value) => (typeof value === "string" ? value : null),
  },
};

const fixedOf = (type: string): Readonly<Record<string, string>> =>
  type in FIXED ? FIXED[type as StorageSpec["type"]] : {};

/** Proxmox's keys that the house says, or said at its last run. */
export function namedKeys(type: string, named: StorageInputs): string[] {
  const fields = named as unknown as StorageFields;
  const changeable = Object.entries(CHANGEABLE).filter(([name]) => fields[name] !== undefined);
  return [...Object.values(fixedOf(type)), ...changeable.map(([, { key }]) => key)];
}

/** The live definition in the house's words: its type's fixed fields, and those that the house names. */
export function storageFromApi(live: Definition, like: StorageInputs): StorageInputs {
  const named = like as unknown as StorageFields;
  const fixed = Object.entries(fixedOf(live.type)).map(([name, key]) => [name, live[key]]);
  const changeable = Object.entries(CHANGEABLE).flatMap(([name, { key, parse }]) =>
    named[name] === undefined ? [] : [[name, parse(live[key])]],
  );
  return canonical({
    ...(Object.fromEntries([...fixed, ...changeable]) as object),
    storage: live.storage,
    type: live.type,
    deletable: like.deletable,
  }) as unknown as StorageInputs;
}

/** Parameters of `POST /storage`. */
export function definitionParams(inputs: StorageInputs): Params {
  const given = inputs as unknown as StorageFields;
  const fixed = Object.entries(fixedOf(inputs.type)).map(([name, key]) => [key, given[name]]);
  const changeable = Object.entries(CHANGEABLE).flatMap(([name, { key, print }]) =>
    given[name] === undefined ? [] : [[key, print(given[name]) ?? undefined]],
  );
  return { storage: inputs.storage, type: inputs.type, ...(Object.fromEntries([...fixed, ...changeable]) as Params) };
}

/** Parameters of `PUT /storage/{storage}`: what differs, and never a fixed field; `undefined` where nothing does. */
export function definitionChanges(live: Definition, inputs: StorageInputs): Params | undefined {
  const given = inputs as unknown as StorageFields;
  const edits = Object.entries(CHANGEABLE).flatMap(([name, { key, parse, print }]) =>
    given[name] === undefined || sameCanonical(parse(live[key]), given[name])
      ? []
      : [[key, print(given[name])] as const],
  );
  if (edits.length === 0) return undefined;
  const gone = edits.filter(([, value]) => value === null).map(([key]) => key);
  const set = edits.filter((edit): edit is readonly [string, string | boolean] => edit[1] !== null);
  return {
    ...Object.fromEntries(set),
    delete: gone.length === 0 ? undefined : gone.join(","),
    digest: live.digest,
  };
}

/** `property: has x, wants y` for all that the house names and the live definition has otherwise. */
export function differences(live: Definition, inputs: StorageInputs): string[] {
  const [has, wants] = [storageFromApi(live, inputs), inputs].map((value) => value as unknown as StorageFields);
  return Object.keys(wants ?? {})
    .filter((name) => name !== "deletable" && !sameCanonical(has?.[name], wants?.[name]))
    .map((name) => `${name}: has ${String(has?.[name] ?? "none")}, the house says ${String(wants?.[name])}`);
}
