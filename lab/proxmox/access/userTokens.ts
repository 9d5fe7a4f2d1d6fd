/** `/access/users/{userid}/token/{tokenid}`: a token's secret is in the answer that made it, and nowhere else. */
import { randomUUID } from "node:crypto";
import type { Call, Route } from "../call";
import { flag, integer, text } from "../wire/formats";
import { Problem } from "../wire/problem";
import type { Token } from "../world";
import { may } from "./permissions";
import { expiryOf, tokenJson } from "./users";

const template = "/access/users/{userid}/token/{tokenid}";
const fields = {
  userid: text({ required: true, maxLength: 64 }),
  tokenid: text({ required: true, pattern: /^[A-Za-z][A-Za-z0-9.\-_]+$/ }),
};
const options = { privsep: flag, expire: integer({ minimum: 0 }), comment: text() };

/** A user's own login, or who may change users; a token may not look after its siblings. */
function admitted({ world, who, params: { userid = "", tokenid = "" } }: Call): string {
  const isOwn = who.name === userid;
  if (!world.users[userid] || !(isOwn || may(world, who, "/access/groups", "User.Modify"))) throw Problem.denied();
  return `${userid}!${tokenid}`;
}

function known(call: Call): { readonly full: string; readonly token: Token } {
  const full = admitted(call);
  const token = call.world.tokens[full];
  const { userid = "", tokenid = "" } = call.params;
  if (!token) throw Problem.failed(`no such token '${tokenid}' for user '${userid}'`);
  return { full, token };
}

function createToken(call: Call): unknown {
  const full = admitted(call);
  const { userid, tokenid, ...sent } = call.params;
  if (call.world.tokens[full]) throw Problem.parameters({ tokenid: "Token already exists." });
  const value = randomUUID();
  const { privsep, expire, comment } = sent;
  call.world.tokens[full] = {
    secret: value,
    privsep: privsep !== "0",
    expire: expiryOf(expire),
    ...(comment === undefined ? {} : { comment }),
  };
  return { "full-tokenid": full, value, info: { privsep: 1, ...sent } };
}

function deleteToken(call: Call): null {
  const { full } = known(call);
  Reflect.deleteProperty(call.world.tokens, full);
  call.world.acl = call.world.acl.filter(({ ugid }) => ugid !== full);
  return null;
}

export const tokenRoutes: readonly Route[] = [
  { method: "GET", template, fields, handle: (call) => tokenJson(known(call).token) },
  { method: "POST", template, fields: { ...fields, ...options }, handle: createToken },
  { method: "DELETE", template, fields, handle: deleteToken },
];
