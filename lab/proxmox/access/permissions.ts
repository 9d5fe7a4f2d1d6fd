/** Who may do what where: ACLs by path, roles, and tokens whose rights are cut down. Pure over the world. */
import type { World } from "../world";
import { Problem } from "../wire/problem";
import type { Identity } from "./identity";
import { ALL_PRIVILEGES, BUILTIN_ROLES } from "./privileges";

function pathsUpTo(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return ["/", ...parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)];
}

const rolePrivileges = (world: World, role: string): readonly string[] =>
  BUILTIN_ROLES[role] ?? world.roles[role] ?? [];

/** Privileges, and whether they hold below the path, too. */
export type Held = ReadonlyMap<string, boolean>;

/** The nearest path that says something wins; there, a user's own entries win over its groups'. */
function granted(world: World, path: string, type: "user" | "token", ugid: string, groups: readonly string[]): Held {
  let result: Held = new Map();
  for (const at of pathsUpTo(path)) {
    const here = world.acl.filter((acl) => acl.path === at && (acl.propagate || at === path));
    const own = here.filter((acl) => acl.type === type && acl.ugid === ugid);
    const found = own.length > 0 ? own : here.filter((acl) => acl.type === "group" && groups.includes(acl.ugid));
    if (found.length > 0) {
      const all = found.flatMap(({ roleid, propagate }) =>
        rolePrivileges(world, roleid).map((privilege) => [privilege, propagate] as const),
      );
      result = new Map(all);
    }
  }
  return result;
}

const EVERYTHING: Held = new Map(ALL_PRIVILEGES.map((privilege) => [privilege, true]));

/** Every privilege that someone has at a path. */
export function heldAt(world: World, who: Pick<Identity, "user" | "token" | "name">, path: string): Held {
  const user = world.users[who.user];
  const ofUser = who.user === "root@pam" ? EVERYTHING : granted(world, path, "user", who.user, user?.groups ?? []);
  const token = who.token === undefined ? undefined : world.tokens[who.name];
  if (!token?.privsep) return ofUser;
  const ofToken = granted(world, path, "token", who.name, []);
  return new Map([...ofToken].filter(([privilege]) => ofUser.has(privilege)));
}

export const privilegesAt = (world: World, who: Identity, path: string): ReadonlySet<string> =>
  new Set(heldAt(world, who, path).keys());

export const may = (world: World, who: Identity, path: string, privilege: string): boolean =>
  privilegesAt(world, who, path).has(privilege);

/** @throws Problem 403 naming the first privilege that is missing; with `any`, all of which one would be enough */
export function demand(world: World, who: Identity, path: string, privileges: readonly string[], any = false): void {
  const has = privilegesAt(world, who, path);
  const missing = privileges.filter((privilege) => !has.has(privilege));
  if (any ? missing.length === privileges.length : missing.length > 0)
    throw Problem.denied(path, any ? privileges.join("|") : (missing[0] ?? ""));
}
