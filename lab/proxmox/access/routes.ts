/** `/access`: logging in. Passwords are compared as they are: this is a lab. */
import type { Call, Route } from "../call";
import { flag, text } from "../wire/formats";
import { Problem } from "../wire/problem";
import type { User } from "../world";
import { capabilities } from "./capabilities";
import type { Tickets } from "./tickets";

type LogIn = "granted" | "second factor" | "refused";

/** With a challenge the password is the answer to it: `totp:123456`. */
function judged(known: User | undefined, user: string, params: Call["params"], tickets: Tickets): LogIn {
  const { password = "", "tfa-challenge": challenge } = params;
  if (!known || known.enable === false) return "refused";
  if (challenge !== undefined)
    return tickets.challengedBy(challenge) === user && password === `totp:${known.totp}` ? "granted" : "refused";
  if (tickets.userOf(password) === user) return "granted";
  if (known.password !== password) return "refused";
  return known.totp === undefined ? "granted" : "second factor";
}

const logIn =
  (tickets: Tickets, delay: () => Promise<void>) =>
  async (call: Call): Promise<unknown> => {
    const { username = "", realm } = call.params;
    const user = realm === undefined ? username : `${username}@${realm}`;
    const outcome = judged(call.world.users[user], user, call.params, tickets);
    if (outcome === "refused") {
      await delay();
      throw new Problem(401, "authentication failure");
    }
    const { ticket, csrf } = tickets.issue(user);
    const answer = { username: user, CSRFPreventionToken: csrf, cap: capabilities(call.world, user) };
    return outcome === "granted" ? { ...answer, ticket } : { ...answer, ticket: tickets.challenge(user), NeedTFA: 1 };
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
