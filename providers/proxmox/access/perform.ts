/** Does the steps of a grant, in their order. Changes Proxmox's access rights and nothing else. */
import type { ProxmoxClient } from "../client";
import type { GrantStep } from "./plan";

const COMMENT = "infinity-node";

/** @returns the secret of a token that it made. */
export async function performStep(client: ProxmoxClient, step: GrantStep): Promise<string | undefined> {
  switch (step.kind) {
    case "create role":
      await client.post("/access/roles", { roleid: step.role, privs: step.privileges.join(",") });
      return undefined;
    case "change role":
      await client.put(`/access/roles/${step.role}`, { privs: step.privileges.join(",") });
      return undefined;
    case "create user":
      await client.post("/access/users", { userid: step.user, comment: COMMENT });
      return undefined;
    case "give role":
      await client.put("/access/acl", { path: step.path, users: step.user, roles: step.role, propagate: true });
      return undefined;
    case "replace token":
      await revokeToken(client, step);
      return createToken(client, step);
    case "create token":
      return createToken(client, step);
  }
}

interface NamedToken {
  readonly user: string;
  readonly token: string;
}

const pathOf = ({ user, token }: NamedToken): string => `/access/users/${user}/token/${token}`;

export async function revokeToken(client: ProxmoxClient, token: NamedToken): Promise<void> {
  await client.delete(pathOf(token));
}

/** Its rights are its user's, whose role has exactly what it needs: nothing to separate. */
async function createToken(client: ProxmoxClient, token: NamedToken): Promise<string> {
  const made = await client.post<{ value: string }>(pathOf(token), { privsep: false, comment: COMMENT });
  return made.value;
}
