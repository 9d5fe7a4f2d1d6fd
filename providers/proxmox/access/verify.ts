/** Whether a token may exactly what it should: no less, no more. Asks as the token itself, with GET only. */
import { ProxmoxError, type ProxmoxClient } from "../client";
import { GRANT_PATH } from "./grant";

export interface Verdict {
  /** `has exactly the 15 privileges of the list` */
  readonly what: string;
  /** What is wrong; `undefined` where it is as it should be. */
  readonly problem?: string;
}

/** By path: each privilege, and whether (1) it holds below the path, too. */
type Permissions = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** @throws ProxmoxError where the token is refused altogether, or there is no answer. */
export async function verifyToken(client: ProxmoxClient, privileges: readonly string[]): Promise<Verdict[]> {
  const permissions = await client.get<Permissions>("/access/permissions");
  return [
    { what: `has each of the ${privileges.length} privileges`, problem: listed(lacking(permissions, privileges)) },
    { what: "has no other", problem: listed(beyond(permissions, privileges)) },
    { what: "may not change rights", problem: await refusal(rightsRefused(client)) },
    { what: "may not do what is root@pam's alone", problem: await refusal(rootRefused(client)) },
  ];
}

const listed = (found: readonly string[]): string | undefined => (found.length === 0 ? undefined : found.join("; "));

/** Always in PVE's answer where something is held there. */
const AREAS = [GRANT_PATH, "/vms", "/storage", "/sdn", "/nodes"];

/** A rule for a path below wins there, and may take away what the root gives. */
function lacking(permissions: Permissions, privileges: readonly string[]): string[] {
  if (Object.keys(permissions).length === 0) return ["it may nothing at all"];
  const paths = new Set([...AREAS, ...Object.keys(permissions)]);
  return [...paths].flatMap((path) => {
    const held = permissions[path] ?? {};
    const missing = privileges.filter((name) => (path === GRANT_PATH ? held[name] !== 1 : held[name] === undefined));
    return missing.length === 0 ? [] : [`lacks ${missing.join(" ")} at ${path}`];
  });
}

function beyond(permissions: Permissions, privileges: readonly string[]): string[] {
  return Object.entries(permissions).flatMap(([path, held]) => {
    const more = Object.keys(held).filter((name) => !privileges.includes(name));
    return more.length === 0 ? [] : [`may ${more.sort().join(" ")} at ${path}, too`];
  });
}

const refusal = async (probe: Promise<boolean>): Promise<string | undefined> =>
  (await probe) ? undefined : "it was not refused";

/** PVE lists the rules that the asker may change: none of them. */
const rightsRefused = async (client: ProxmoxClient): Promise<boolean> =>
  (await client.get<unknown[]>("/access/acl")).length === 0;

/** An endpoint without permissions is root@pam's own login's; what it asks for need not exist. */
async function rootRefused(client: ProxmoxClient): Promise<boolean> {
  try {
    await client.get("/cluster/acme/account/default");
    return false;
  } catch (error) {
    if (error instanceof ProxmoxError && error.status !== undefined) return error.status === 403;
    throw error;
  }
}
