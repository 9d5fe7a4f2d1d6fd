/** `/access/users`: who there is. Passwords are kept as they are: this is a lab. */
import type { Call, Route } from "../call";
import { flag, formats, integer, splitList, text } from "../wire/formats";
import { Problem } from "../wire/problem";
import type { Token, User, World } from "../world";
import { demand } from "./permissions";

const ABOUT = ["comment", "email", "firstname", "lastname"] as const;

/** The end of something that may never end: `0` is never. */
export const expiryOf = (expire: string | undefined): number | undefined =>
  expire === undefined || expire === "0" ? undefined : Number(expire);

/** As the API shows a token; its secret is never shown again. */
export const tokenJson = ({ privsep, expire = 0, comment }: Token) => ({
  privsep: privsep ? 1 : 0,
  expire,
  ...(comment === undefined ? {} : { comment }),
});

/** A user's tokens by their own id, behind the `!`. */
export const tokensOf = (world: World, userid: string): [string, Token][] =>
  Object.entries(world.tokens).flatMap(([full, token]): [string, Token][] =>
    full.startsWith(`${userid}!`) ? [[full.slice(userid.length + 1), token]] : [],
  );

function createUser(call: Call): null {
  const { world, who, params } = call;
  const { userid = "", password, enable, expire, groups } = params;
  const realm = /^[^\s:/]+@([A-Za-z][A-Za-z0-9.\-_]+)$/.exec(userid)?.[1];
  if (realm === undefined) throw Problem.failed(`value '${userid}' does not look like a valid user name`);
  demand(world, who, `/access/realm/${realm}`, ["Realm.AllocateUser"]);
  if (world.users[userid]) throw Problem.failed(`create user failed: user '${userid}' already exists`);
  const about = ABOUT.flatMap((key) => (params[key] === undefined ? [] : [[key, params[key]] as const]));
  const user: User = {
    ...(password === undefined ? {} : { password }),
    ...(groups === undefined ? {} : { groups: splitList(groups) }),
    enable: enable !== "0",
    expire: expiryOf(expire),
    about: Object.fromEntries(about),
  };
  world.users[userid] = user;
  return null;
}

function getUser({ world, who, params: { userid = "" } }: Call): unknown {
  if (who.name !== userid) demand(world, who, "/access/groups", ["User.Modify", "Sys.Audit"], true);
  const user = world.users[userid];
  if (!user) throw Problem.failed(`no such user ('${userid}')`);
  const tokens = tokensOf(world, userid).map(([id, token]) => [id, tokenJson(token)] as const);
  return {
    enable: user.enable === false ? 0 : 1,
    expire: user.expire ?? 0,
    groups: user.groups ?? [],
    tokens: tokens.length === 0 ? null : Object.fromEntries(tokens),
    ...user.about,
  };
}

export const userRoutes: readonly Route[] = [
  {
    method: "POST",
    template: "/access/users",
    fields: {
      userid: text({ required: true, maxLength: 64 }),
      password: text({ minLength: 8, maxLength: 64 }),
      groups: text(),
      enable: flag,
      expire: integer({ minimum: 0 }),
      keys: text(),
      ...Object.fromEntries(ABOUT.map((key) => [key, text({ maxLength: 2048 })])),
      email: text({ format: formats.email, maxLength: 254 }),
    },
    handle: createUser,
  },
  {
    method: "GET",
    template: "/access/users/{userid}",
    fields: { userid: text({ required: true, maxLength: 64 }) },
    handle: getUser,
  },
];
