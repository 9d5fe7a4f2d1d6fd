/** What of a grant is there already. Sends nothing but GET, as somebody who may see rights (root@pam's login). */
import { ProxmoxError, type ProxmoxClient } from "../client";
import type { Grant } from "./grant";

export interface AclEntry {
  readonly path: string;
  readonly type: "user" | "group" | "token";
  readonly ugid: string;
  readonly roleid: string;
  /** 1: holds below the path, too. */
  readonly propagate: number;
}

export interface ObservedGrant {
  /** Of the role; `undefined` where there is none of that name. */
  readonly privileges?: readonly string[];
  /** `undefined` where there is no such user. */
  readonly user?: { readonly enabled: boolean; readonly groups: readonly string[] };
  /** Every rule of this Proxmox. */
  readonly acl: readonly AclEntry[];
  readonly hasToken: boolean;
}

/** PVE 8.4 answers 500 with these words where the thing itself is not there. */
const ABSENT = /^(role '[^']+' does not exist|no such user \('[^']+'\)|no such token '[^']+' for user '[^']+')$/;

async function unlessAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ProxmoxError && error.status === 500 && ABSENT.test(error.text)) return undefined;
    throw error;
  }
}

export async function observeGrant(client: ProxmoxClient, { user, token, role }: Grant): Promise<ObservedGrant> {
  const [privileges, found, acl] = await Promise.all([
    unlessAbsent(client.get<Record<string, number>>(`/access/roles/${role}`)),
    unlessAbsent(client.get<{ enable?: number; groups?: string[]; tokens?: object | null }>(`/access/users/${user}`)),
    client.get<AclEntry[]>("/access/acl"),
  ]);
  return {
    acl,
    ...(privileges && { privileges: Object.keys(privileges).sort() }),
    ...(found && { user: { enabled: found.enable !== 0, groups: found.groups ?? [] } }),
    hasToken: Object.keys(found?.tokens ?? {}).includes(token),
  };
}
