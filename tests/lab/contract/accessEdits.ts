/**
 * The recordings make users, roles and rights by calls that the provider never makes, and then ask as those users.
 * Such calls are carried out on the lab's world behind its back, so that what follows can be asked. Changes the world
 * it is given.
 */
import type { World } from "../../../lab/proxmox/world";
import { isEntry } from "./canonical";
import { type Exchange, paramPairs } from "./exchange";

type Fields = Readonly<Record<string, string | undefined>>;

/** Does what the recorded server did, if it is a call of this kind and was not refused. */
export function editAccess(world: World, exchange: Exchange): void {
  const [room, kind, id = "", sub, name] = exchange.path.split("/").slice(1).map(decodeURIComponent);
  if (room !== "access" || exchange.method === "GET" || exchange.status !== 200) return;
  const fields = fieldsOf(exchange);
  const isGone = exchange.method === "DELETE";
  if (kind === "users" && sub === "token") editToken(world, `${id}!${name ?? ""}`, exchange, fields);
  else if (kind === "users") editUser(world, id === "" ? (fields.userid ?? "") : id, isGone, fields);
  else if (kind === "password") editUser(world, fields.userid ?? "", false, fields);
  else if (kind === "roles") editRole(world, id === "" ? (fields.roleid ?? "") : id, isGone, fields);
  else if (kind === "acl") editAcl(world, fields);
  else if (kind === "groups" && isGone) world.acl = world.acl.filter(({ ugid }) => ugid !== id);
}

function editUser(world: World, id: string, isGone: boolean, fields: Fields): void {
  if (isGone) {
    // root@pam is always there: only its tokens and rights go.
    if (id !== "root@pam") world.users = without(world.users, (user) => user === id);
    world.tokens = without(world.tokens, (token) => token.startsWith(`${id}!`));
    world.acl = world.acl.filter(({ ugid }) => ugid !== id && !ugid.startsWith(`${id}!`));
    return;
  }
  const known = world.users[id] ?? {};
  world.users[id] = {
    ...known,
    ...(fields.enable === undefined ? {} : { enable: fields.enable === "1" }),
    ...expiry(fields),
    ...(fields.password === undefined ? {} : { password: fields.password }),
    ...(fields.groups === undefined ? {} : { groups: words(fields.groups) }),
    about: { ...known.about, ...given(fields, ["comment", "email", "firstname", "lastname"]) },
  };
}

function editToken(world: World, id: string, { method, body }: Exchange, fields: Fields): void {
  if (method === "DELETE") world.tokens = without(world.tokens, (token) => token === id);
  const data = isEntry(body) ? (body.data ?? null) : null;
  const secret = isEntry(data) && typeof data.value === "string" ? data.value : world.tokens[id]?.secret;
  if (method === "DELETE" || secret === undefined) return;
  world.tokens[id] = {
    ...world.tokens[id],
    secret,
    ...given(fields, ["comment"]),
    ...expiry(fields),
    privsep: (fields.privsep ?? (world.tokens[id]?.privsep === false ? "0" : "1")) === "1",
  };
}

const given = (fields: Fields, keys: readonly string[]): Record<string, string> =>
  Object.fromEntries(keys.flatMap((key) => (fields[key] === undefined ? [] : [[key, fields[key]]])));

/** `0` is never. */
function expiry({ expire }: Fields): { readonly expire?: number } {
  if (expire === undefined) return {};
  return { expire: expire === "0" ? undefined : Number(expire) };
}

function editRole(world: World, id: string, isGone: boolean, fields: Fields): void {
  if (isGone) world.roles = without(world.roles, (role) => role === id);
  else world.roles[id] = [...(fields.append === "1" ? (world.roles[id] ?? []) : []), ...words(fields.privs)];
}

function editAcl(world: World, fields: Fields): void {
  const subjects = (["user", "group", "token"] as const).flatMap((type) =>
    words(fields[`${type}s`]).map((ugid) => ({ type, ugid })),
  );
  const path = fields.path ?? "";
  for (const roleid of words(fields.roles)) {
    for (const subject of subjects) {
      world.acl = world.acl.filter((it) => it.path !== path || it.roleid !== roleid || it.ugid !== subject.ugid);
      if (fields.delete !== "1") world.acl.push({ ...subject, path, roleid, propagate: fields.propagate !== "0" });
    }
  }
}

function fieldsOf(exchange: Exchange): Fields {
  const pairs = paramPairs(exchange.params);
  return Object.fromEntries(
    pairs.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

function words(list: string | undefined): string[] {
  return (list ?? "").split(/[ ,;]+/).filter((word) => word !== "");
}

function without<T>(map: Record<string, T>, isGone: (key: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !isGone(key)));
}
