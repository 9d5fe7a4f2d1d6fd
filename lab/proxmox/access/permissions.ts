/** Who may do what where: ACLs by path, roles, and tokens whose rights are cut down. Pure over the world. */
import type { World } from "../world";
import { Problem } from "../wire/problem";
import type { Identity } from "./identity";
import { ALL_PRIVILEGES, BUILTIN_ROLES } from "./privileges";

const ALL = new Set(ALL_PRIVILEGES);

function pathsUpTo(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return ["/", ...parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)];
}

const rolePrivileges = (world: World, role: string): readonly string[] =>
  BUILTIN_ROLES[role] ?? world.roles[role] ?? [];

/** The nearest path that says something wins; there, a user's own entries win over its groups'. */
function granted(
  world: World,
  path: string,
  type: "user" | "token",
  ugid: string,
  groups: readonly string[],
): Set<string> {
  let result = new Set<string>();
  for (const at of pathsUpTo(path)) {
    const here = world.acl.filter((acl) => acl.path === at && (acl.propagate || at === path));
    const own = here.filter((acl) => acl.type === type && acl.ugid === ugid);
    const found = own.length > 0 ? own : here.filter((acl) => acl.type === "group" && groups.includes(acl.ugid));
    if (found.length > 0) result = new Set(found.flatMap((acl) => rolePrivileges(world, acl.roleid)));
  }
  return result;
}

/** Every privilege that someone has at a path. */
export function privilegesAt(world: World, who: Identity, path: string): ReadonlySet<string> {
  const user = world.users[who.user];
  const ofUser = who.user === "root@pam" ? ALL : granted(world, path, "user", who.user, user?.groups ?? []);
  const token = who.token === undefined ? undefined : world.tokens[who.name];
  if (!token?.privsep) return ofUser;
  const ofToken = granted(world, path, "token", who.name, []);
  return new Set([...ofToken].filter((privilege) => ofUser.has(privilege)));
}

export const may = (world: World, who: Identity, path: string, privilege: string): boolean =>
  privilegesAt(world, who, path).has(privilege);

/** @throws Problem 403 naming the first privilege that is missing; with `any`, all of which one would be enough */
export function demand(world: World, who: Identity, path: string, privileges: readonly string[], any = false): void {
  const has = privilegesAt(world, who, path);
  const missing = privileges.filter((privilege) => !has.has(privilege));
  if (any ? missing.length === privileges.length : missing.length > 0)
    throw Problem.denied(path, any ? privileges.join("|") : (missing[0] ?? ""));
}
