/** From what is there to what has to be done for a grant, and what a person has to know of it. Pure. */
import { GRANT_PATH, tokenId, type Grant } from "./grant";
import type { AclEntry, ObservedGrant } from "./observe";

export type GrantStep =
  | { readonly kind: "create role"; readonly role: string; readonly privileges: readonly string[] }
  | {
      readonly kind: "change role";
      readonly role: string;
      readonly privileges: readonly string[];
      readonly added: readonly string[];
      readonly removed: readonly string[];
    }
  | { readonly kind: "create user"; readonly user: string }
  | { readonly kind: "give role"; readonly user: string; readonly role: string; readonly path: string }
  | { readonly kind: "create token"; readonly user: string; readonly token: string }
  | { readonly kind: "replace token"; readonly user: string; readonly token: string };

export interface GrantPlan {
  readonly steps: readonly GrantStep[];
  /** One sentence each: what is there besides, and is left as it is. */
  readonly notes: readonly string[];
}

/** @param newToken whether a token that is there is replaced: whatever uses it is refused from then on. */
export function planGrant(grant: Grant, observed: ObservedGrant, newToken: boolean): GrantPlan {
  const { user, token, role } = grant;
  const isGiven = (entry: AclEntry): boolean =>
    entry.path === GRANT_PATH && entry.ugid === user && entry.roleid === role && entry.propagate === 1;
  return {
    steps: [
      ...roleSteps(grant, observed),
      ...(observed.user ? [] : [{ kind: "create user", user } as const]),
      ...(observed.acl.some(isGiven) ? [] : [{ kind: "give role", user, role, path: GRANT_PATH } as const]),
      ...(observed.hasToken ? [] : [{ kind: "create token", user, token } as const]),
      ...(observed.hasToken && newToken ? [{ kind: "replace token", user, token } as const] : []),
    ],
    notes: [...strangers(grant, observed), ...besides(grant, observed)],
  };
}

function roleSteps({ role, privileges }: Grant, observed: ObservedGrant): GrantStep[] {
  const former = observed.privileges;
  if (!former) return [{ kind: "create role", role, privileges }];
  const added = privileges.filter((name) => !former.includes(name));
  const removed = former.filter((name) => !privileges.includes(name));
  if (added.length + removed.length === 0) return [];
  return [{ kind: "change role", role, privileges, added, removed }];
}

/** Others that a change of the role reaches. */
function strangers({ role, user }: Grant, { acl }: ObservedGrant): string[] {
  const others = acl.filter(({ roleid, ugid }) => roleid === role && ugid !== user && !ugid.startsWith(`${user}!`));
  return others.map(({ ugid, path }) => `${ugid} has the role ${role} at ${path}, too: it may what the role may`);
}

/** What the token may beyond the role. Taking it away is its owner's business. */
function besides(grant: Grant, { acl, user }: ObservedGrant): string[] {
  const more = acl.filter(
    ({ ugid, roleid, path }) => ugid === grant.user && !(roleid === grant.role && path === GRANT_PATH),
  );
  return [
    ...more.map(({ roleid, path }) => `${grant.user} has the role ${roleid} at ${path}, too`),
    ...(user?.groups ?? []).map((group) => `${grant.user} is in the group ${group}, and may what it may`),
    ...(user?.enabled === false ? [`${grant.user} is disabled: ${tokenId(grant)} is refused until it is enabled`] : []),
  ];
}

/** A step as a person reads it. */
export function stepText(step: GrantStep): string {
  switch (step.kind) {
    case "create role":
      return `make the role ${step.role} with ${step.privileges.length} privileges`;
    case "change role":
      return [
        `change the role ${step.role}:`,
        ...step.added.map((name) => `+${name}`),
        ...step.removed.map((name) => `-${name}`),
      ].join(" ");
    case "create user":
      return `make the user ${step.user}, without a password`;
    case "give role":
      return `give it the role ${step.role} at ${step.path}`;
    case "create token":
      return `make its token ${step.user}!${step.token}`;
    case "replace token":
      return `replace its token ${step.user}!${step.token}: the old one is refused from then on`;
  }
}
