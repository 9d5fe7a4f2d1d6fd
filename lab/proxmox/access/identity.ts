/** Who is asking: an API token, or the holder of a ticket with its CSRF token. Pure over the world and the tickets. */
import type { IncomingHttpHeaders } from "node:http";
import type { Token, World } from "../world";
import { Problem } from "../wire/problem";
import type { Tickets } from "./tickets";

export interface Identity {
  /** `root@pam` */
  readonly user: string;
  /** Token id, where a token asks. */
  readonly token?: string;
  /** What Proxmox compares with `root@pam`: a token's name has its id behind it, so it never is. */
  readonly name: string;
}

export const isRoot = (who: Identity): boolean => who.name === "root@pam";

const isOver = ({ expire }: Pick<Token, "expire">, now: number): boolean => expire !== undefined && expire <= now;

function byToken(world: World, header: string, now: number): Identity {
  const [full = "", secret] = header.split("=");
  if (secret === undefined || !full.includes("!")) throw Problem.unauthorized("no tokenid specified");
  const [user = "", token = ""] = full.split("!");
  if (!/^[A-Za-z][A-Za-z0-9.\-_]+$/.test(token))
    throw Problem.unauthorized(`'${full}' is not a valid token ID - not able to split into user and token parts`);
  if (!world.users[user]) throw Problem.unauthorized(`no such user ('${user}')`);
  if (world.users[user].enable === false) throw Problem.unauthorized(`user '${user}' is disabled`);
  if (isOver(world.users[user], now)) throw Problem.unauthorized(`user '${user}' access expired`);
  const known = world.tokens[full];
  if (!known) throw Problem.unauthorized(`no such token '${token}' for user '${user}'`);
  if (isOver(known, now)) throw Problem.unauthorized(`token '${token}' access expired`);
  if (known.secret !== secret) throw Problem.unauthorized("invalid token value!");
  return { user, token, name: full };
}

/** @throws Problem 401 with the reason alone */
export function identify(world: World, tickets: Tickets, method: string, headers: IncomingHttpHeaders): Identity {
  const token = /^PVEAPIToken=(.+)$/.exec(headers.authorization ?? "")?.[1];
  if (token !== undefined) return byToken(world, token, tickets.now());
  const cookie = /(?:^|;\s*)PVEAuthCookie=([^;]+)/.exec(headers.cookie ?? "")?.[1];
  if (cookie === undefined) throw Problem.unauthorized("No ticket");
  const user = tickets.userOf(decodeURIComponent(cookie));
  if (user === undefined || !world.users[user]) throw Problem.unauthorized("permission denied - invalid PVE ticket");
  const csrf = headers.csrfpreventiontoken;
  if (method !== "GET" && !(typeof csrf === "string" && tickets.isCsrfOf(csrf, user)))
    throw Problem.unauthorized("Permission denied - invalid csrf token");
  return { user, name: user };
}
