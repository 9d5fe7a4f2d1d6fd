/** `/access/roles`: a role is a set of privileges. */
import type { Call, Permission, Route } from "../call";
import { flag, splitList, text } from "../wire/formats";
import { Problem } from "../wire/problem";
import type { Fields } from "../wire/schema";
import { ALL_PRIVILEGES, BUILTIN_ROLES } from "./privileges";

const fields: Fields = {
  roleid: text({ required: true, pattern: /^[A-Za-z0-9.\-_]+$/ }),
  privs: text({
    format: (value) => {
      const unknown = splitList(value).find((privilege) => !ALL_PRIVILEGES.includes(privilege));
      return unknown === undefined ? undefined : `invalid privilege '${unknown}'\n`;
    },
  }),
};
const change: Permission = { path: "/access", privileges: ["Sys.Modify"] };

const given = ({ params }: Call): string[] => [...new Set(splitList(params.privs ?? ""))];

function createRole(call: Call): null {
  const { world } = call;
  const { roleid = "" } = call.params;
  if (/^PVE/i.test(roleid))
    throw Problem.parameters({ roleid: "cannot use role ID starting with the (case-insensitive) 'PVE' namespace" });
  if (BUILTIN_ROLES[roleid] ?? world.roles[roleid])
    throw Problem.failed(`create role failed: role '${roleid}' already exists`);
  world.roles[roleid] = given(call);
  return null;
}

function updateRole(call: Call): null {
  const { world } = call;
  const { roleid = "", append } = call.params;
  if (BUILTIN_ROLES[roleid]) throw Problem.failed(`auto-generated role '${roleid}' cannot be modified`);
  const former = world.roles[roleid];
  if (!former) throw Problem.failed(`update role failed: role '${roleid}' does not exist`);
  world.roles[roleid] = [...new Set([...(append === "1" ? former : []), ...given(call)])];
  return null;
}

function getRole({ world, params: { roleid = "" } }: Call): Record<string, 1> {
  const privileges = BUILTIN_ROLES[roleid] ?? world.roles[roleid];
  if (!privileges) throw Problem.failed(`role '${roleid}' does not exist`);
  return Object.fromEntries(privileges.map((privilege) => [privilege, 1]));
}

export const roleRoutes: readonly Route[] = [
  { method: "POST", template: "/access/roles", fields, permission: change, handle: createRole },
  {
    method: "GET",
    template: "/access/roles/{roleid}",
    fields: { roleid: text({ required: true }) },
    handle: getRole,
  },
  {
    method: "PUT",
    template: "/access/roles/{roleid}",
    fields: { ...fields, append: flag },
    permission: change,
    handle: updateRole,
  },
];
