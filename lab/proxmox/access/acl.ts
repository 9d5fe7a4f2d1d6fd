/** `/access/acl` and `/access/permissions`: who has which role where, and what follows from it. */
import type { Call, Route } from "../call";
import { flag, splitList, text } from "../wire/formats";
import { Problem } from "../wire/problem";
import type { Acl, World } from "../world";
import type { Identity } from "./identity";
import { demand, heldAt, may } from "./permissions";
import { BUILTIN_ROLES } from "./privileges";

const isAclPath = (path: string): boolean =>
  path === "/" || /^\/(access|cluster|nodes|pool|sdn|storage|vms|mapping)(\/[^/]+)*$/.test(path);

/** Looked at in every dump, beside the paths that a rule names. */
const PATHS = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

function subjects({ users, groups, tokens }: Call["params"]): Pick<Acl, "type" | "ugid">[] {
  const of = (type: Acl["type"], list = "") => splitList(list).map((ugid) => ({ type, ugid }));
  return [...of("group", groups), ...of("user", users), ...of("token", tokens)];
}

function known(world: World, { type, ugid }: Pick<Acl, "type" | "ugid">): void {
  if (type === "user" && !world.users[ugid]) throw Problem.failed(`ACL update failed: user '${ugid}' does not exist`);
  if (type === "token" && !world.tokens[ugid])
    throw Problem.failed(`ACL update failed: no such token '${ugid.split("!")[1] ?? ""}'`);
}

function updateAcl({ world, who, params }: Call): null {
  const { path = "", roles = "", propagate, delete: remove } = params;
  const named = subjects(params);
  if (named.length === 0) {
    const needed = "either 'users', 'groups' or 'tokens' is required.";
    throw Problem.parameters({ users: needed, groups: needed, tokens: needed });
  }
  if (!isAclPath(path)) throw Problem.parameters({ path: `invalid ACL path '${path}'` });
  demand(world, who, path, ["Permissions.Modify"]);
  for (const roleid of splitList(roles)) {
    if (!BUILTIN_ROLES[roleid] && !world.roles[roleid])
      throw Problem.failed(`ACL update failed: role '${roleid}' does not exist`);
    for (const subject of named) {
      known(world, subject);
      world.acl = world.acl.filter((acl) => acl.path !== path || acl.roleid !== roleid || acl.ugid !== subject.ugid);
      if (remove !== "1") world.acl.push({ ...subject, path, roleid, propagate: propagate !== "0" });
    }
  }
  return null;
}

/** Those alone that the asker may change. */
const listAcl = ({ world, who }: Call): unknown =>
  world.acl
    .filter(({ path }) => may(world, who, path, "Permissions.Modify"))
    .map(({ propagate, ...acl }) => ({ ...acl, propagate: propagate ? 1 : 0 }));

function subjectOf({ world, who, params: { userid = who.name } }: Call): Identity {
  const [user = "", token] = userid.split("!");
  if (userid !== who.name && user !== who.name) demand(world, who, "/access", ["Sys.Audit"]);
  return { user, name: userid, ...(token === undefined ? {} : { token }) };
}

/** Privileges by path, each with whether it holds below it, too. */
function listPermissions(call: Call): unknown {
  const { world, params } = call;
  const who = subjectOf(call);
  const at = (path: string) =>
    Object.fromEntries([...heldAt(world, who, path)].map(([privilege, below]) => [privilege, below ? 1 : 0]));
  if (params.path !== undefined) return { [params.path]: at(params.path) };
  const paths = [...new Set([...PATHS, ...world.acl.map((acl) => acl.path)])];
  return Object.fromEntries(
    paths.map((path) => [path, at(path)] as const).filter(([, held]) => Object.keys(held).length > 0),
  );
}

export const aclRoutes: readonly Route[] = [
  { method: "GET", template: "/access/acl", fields: {}, handle: listAcl },
  {
    method: "PUT",
    template: "/access/acl",
    fields: {
      path: text({ required: true }),
      roles: text({ required: true }),
      users: text(),
      groups: text(),
      tokens: text(),
      propagate: flag,
      delete: flag,
    },
    handle: updateAcl,
  },
  {
    method: "GET",
    template: "/access/permissions",
    fields: { path: text(), userid: text() },
    handle: listPermissions,
  },
  // Asked to see a refusal: nobody but root@pam's own login gets through.
  {
    method: "GET",
    template: "/cluster/acme/account/{name}",
    fields: { name: text({ required: true }) },
    permission: "root",
    handle: ({ params }) => {
      throw Problem.failed(`ACME account config file '${params.name ?? ""}' does not exist.`);
    },
  },
];
