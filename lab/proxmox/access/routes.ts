/** `/access`: logging in. Passwords are compared as they are: this is a lab. */
import type { Call, Route } from "../call";
import { flag, text } from "../wire/formats";
import { Problem } from "../wire/problem";
import { privilegesAt } from "./permissions";
import type { Tickets } from "./tickets";

/** Areas of Proxmox's interface, and the path at which each asks for privileges. */
const AREAS: Readonly<Record<string, { readonly path: string; readonly of: RegExp }>> = {
  access: { path: "/access", of: /^(User\.Modify|Group\.Allocate|Permissions\.Modify)$/ },
  dc: { path: "/", of: /^(Sys\.(Audit|Modify)|SDN\..+)$/ },
  mapping: { path: "/mapping", of: /^(Mapping\..+|Permissions\.Modify)$/ },
  nodes: { path: "/nodes", of: /^(Sys\..+|Permissions\.Modify)$/ },
  sdn: { path: "/sdn", of: /^(SDN\..+|Permissions\.Modify)$/ },
  storage: { path: "/storage", of: /^(Datastore\..+|Permissions\.Modify)$/ },
  vms: { path: "/vms", of: /^(VM\..+|Permissions\.Modify)$/ },
};

function capabilities(call: Call, user: string): Record<string, Record<string, 1>> {
  const areas = Object.entries(AREAS).map(([area, { path, of }]) => {
    const held = [...privilegesAt(call.world, { user, name: user }, path)].filter((privilege) => of.test(privilege));
    return [area, Object.fromEntries(held.map((privilege) => [privilege, 1 as const]))] as const;
  });
  return Object.fromEntries(areas);
}

const logIn =
  (tickets: Tickets, delay: () => Promise<void>) =>
  async (call: Call): Promise<unknown> => {
    const { username = "", realm, password = "" } = call.params;
    const user = realm === undefined ? username : `${username}@${realm}`;
    const known = call.world.users[user];
    const byTicket = tickets.userOf(password) === user;
    if (!known || known.enable === false || (!byTicket && known.password !== password)) {
      await delay();
      throw new Problem(401, "authentication failure");
    }
    const { ticket, csrf } = tickets.issue(user);
    return { username: user, ticket, CSRFPreventionToken: csrf, cap: capabilities(call, user) };
  };

/** @param rejected waits before a refused login is answered */
export const accessRoutes = (tickets: Tickets, rejected: () => Promise<void>): readonly Route[] => [
  { method: "GET", template: "/access/ticket", fields: {}, handle: () => null },
  {
    method: "POST",
    template: "/access/ticket",
    fields: {
      username: text({ required: true, maxLength: 64 }),
      password: text({ required: true }),
      realm: text({ maxLength: 32 }),
      otp: text(),
      path: text({ maxLength: 64, requires: "privs" }),
      privs: text({ maxLength: 64, requires: "path" }),
      "new-format": flag,
      "tfa-challenge": text(),
    },
    permission: "world",
    handle: logIn(tickets, rejected),
  },
];
