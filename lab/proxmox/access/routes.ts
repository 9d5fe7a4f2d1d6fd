/** `/access`: logging in. Passwords are compared as they are: this is a lab. */
import type { Call, Route } from "../call";
import { flag, text } from "../wire/formats";
import { Problem } from "../wire/problem";
import { capabilities } from "./capabilities";
import type { Tickets } from "./tickets";

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
    return { username: user, ticket, CSRFPreventionToken: csrf, cap: capabilities(call.world, user) };
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
