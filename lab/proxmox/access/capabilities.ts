/**
 * What a login says of its user's rights, for an interface to know what to show: by area, a privilege that is held
 * anywhere in it (pve-access-control, RPCEnvironment.pm). Pure over the world.
 */
import type { World } from "../world";
import { privilegesAt } from "./permissions";

/** Privileges that are of interest in an area, by the first part of the path; `dc` is the root alone. */
const AREAS: Readonly<Record<string, RegExp>> = {
  access: /^(User\.|Group\.|Permissions\.Modify)/,
  dc: /^(Sys\.Audit|Sys\.Modify|SDN\.)/,
  mapping: /^(Mapping\.|Permissions\.Modify)/,
  nodes: /^(Sys\.|Permissions\.Modify)/,
  sdn: /^(SDN\.|Permissions\.Modify)/,
  storage: /^(Datastore\.|Permissions\.Modify)/,
  vms: /^(VM\.|Permissions\.Modify)/,
};
/** A pool's privileges count for what it holds. */
const POOL_AREAS: Readonly<Record<string, RegExp>> = {
  storage: /^(Datastore\.|Permissions\.Modify)/,
  vms: /^(VM\.|Permissions\.Modify)/,
};
/** Looked at even where no rule names them. */
const PATHS = ["/", "/nodes", "/access/groups", "/vms", "/storage", "/sdn", "/mapping"];

/** @param user without a token's id: only people log in */
export function capabilities(world: World, user: string): Record<string, Record<string, 1>> {
  const held: Record<string, Record<string, 1>> = Object.fromEntries(Object.keys(AREAS).map((area) => [area, {}]));
  for (const path of new Set([...PATHS, ...world.acl.map((acl) => acl.path)])) {
    const privileges = privilegesAt(world, { user, name: user }, path);
    for (const [area, wanted] of areasOf(path)) {
      const ofArea = (held[area] ??= {});
      for (const privilege of privileges) if (wanted.test(privilege)) ofArea[privilege] = 1;
    }
  }
  return held;
}

function areasOf(path: string): [string, RegExp][] {
  const top = path.split("/")[1] ?? "";
  if (top === "pool") return Object.entries(POOL_AREAS);
  const area = top === "" ? "dc" : top;
  const wanted = AREAS[area];
  return wanted === undefined ? [] : [[area, wanted]];
}
