/**
 * `infinity bootstrap`: the one step that takes root's own login. Makes the user, role and token that everything else
 * uses, proves that the token may exactly that, and puts it into the stack. Changes Proxmox's access rights and the
 * stack's configuration, and nothing else.
 */
import pc from "picocolors";
import { endpoint as endpointOf } from "../../house/addresses";
import { neededPrivileges } from "../../house/privileges";
import type { House } from "../../house/schema";
import { tokenId, type Grant } from "../../providers/proxmox/access/grant";
import { observeGrant } from "../../providers/proxmox/access/observe";
import { performStep, revokeToken } from "../../providers/proxmox/access/perform";
import { planGrant, type GrantPlan } from "../../providers/proxmox/access/plan";
import { verifyToken } from "../../providers/proxmox/access/verify";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import { connect } from "../../providers/proxmox/connect";
import type { Credentials } from "../../providers/proxmox/credentials";
import type { Person } from "../person";
import { openConfig, storeFingerprint, storeToken, type Pulumi } from "./stackConfig";
import { trustServer } from "./trustServer";
import { planLines, privilegeLines } from "./words";

export interface Bootstrap {
  readonly house: House;
  readonly names: Pick<Grant, "user" | "token" | "role">;
  readonly dryRun: boolean;
  readonly newToken: boolean;
  /** Whether nobody is asked before it is done. */
  readonly yes: boolean;
  /** Where the token goes. */
  readonly store: "stack" | "print";
  readonly fingerprint?: string;
  /** Its token in use, where the stack or the environment has one: `user@realm!id=secret`. */
  readonly knownToken: () => Promise<string | undefined>;
  readonly password: () => Promise<string>;
  /** Code of root's second factor, where it has one. */
  readonly secondFactor?: () => Promise<string>;
  readonly person?: Person;
  readonly pulumi: Pulumi;
  readonly print: (line: string) => void;
}

const ROOT = "root@pam";

/** @returns 0 the token may exactly what it should; 1 it may not, or it could not be tried. */
export async function bootstrap(asked: Bootstrap): Promise<number> {
  const { house, dryRun, print, person } = asked;
  const endpoint = endpointOf(house);
  if (endpoint === undefined)
    throw new Error("hypervisor.address: where the Proxmox API is must be known - set it, or hypervisor.endpoint");
  const grant: Grant = { ...asked.names, privileges: neededPrivileges(house).map(({ name }) => name) };
  for (const line of privilegeLines(house)) print(line);
  if (asked.store === "stack" && !dryRun) await mayStore(asked);

  const { trust, pinned } = await trustServer({ ...asked, endpoint, tls: house.hypervisor.tls });
  const open = (credentials: Credentials): ProxmoxClient => {
    const rootTicket = credentials.kind === "ticket";
    return connect({ endpoint, trust, credentials, rootTicket }, { secondFactor: asked.secondFactor });
  };
  const root = open({ kind: "ticket", user: ROOT, password: await asked.password() });
  try {
    const plan = planGrant(grant, await observeGrant(root, grant), asked.newToken);
    for (const line of planLines(plan, grant)) print(line);
    if (dryRun) {
      print("\nnothing was written");
      return 0;
    }
    if (plan.steps.length > 0 && !asked.yes && !(await person?.agrees("\nDo this?")))
      throw new Error(`nothing was written - ${person ? "say yes" : "without a terminal, give --yes"} to do it`);
    const made = await perform(asked, root, plan, grant);
    if (made !== undefined) await handOver(asked, root, grant, made);
    if (pinned !== undefined) await pin(asked, pinned);
    return await verify(asked, grant, made ?? (await asked.knownToken()), open);
  } finally {
    await root.close();
  }
}

/** Before anything is made: what could not be kept is not made. */
async function mayStore({ house, pulumi }: Bootstrap): Promise<void> {
  const { password, user } = house.hypervisor;
  if (password !== undefined || user !== undefined)
    throw new Error(
      `hypervisor.${password === undefined ? "user" : "password"}: a token beside a login is refused - take user and password out of the house, or give --print`,
    );
  await openConfig(pulumi);
}

/** @returns the new token, whole. */
async function perform(
  { print }: Bootstrap,
  root: ProxmoxClient,
  { steps }: GrantPlan,
  grant: Grant,
): Promise<string | undefined> {
  let secret: string | undefined;
  for (const step of steps) secret = (await performStep(root, step)) ?? secret;
  if (steps.length > 0) print(`${pc.green("✓")} done`);
  return secret === undefined ? undefined : `${tokenId(grant)}=${secret}`;
}

async function verify(
  { print }: Bootstrap,
  grant: Grant,
  token: string | undefined,
  open: (credentials: Credentials) => ProxmoxClient,
): Promise<number> {
  if (!token?.startsWith(`${tokenId(grant)}=`)) {
    print(
      `${pc.yellow("!")} ${tokenId(grant)} was not tried: its secret is not in the stack - --new-token makes another`,
    );
    return 1;
  }
  const client = open({ kind: "token", token });
  try {
    const verdicts = await verifyToken(client, grant.privileges);
    print(`\n${tokenId(grant)}, tried:`);
    for (const { what, problem } of verdicts)
      print(problem === undefined ? `${pc.green("✓")} ${what}` : `${pc.red("✗")} ${what}: ${problem}`);
    return verdicts.every(({ problem }) => problem === undefined) ? 0 : 1;
  } finally {
    await client.close();
  }
}

/** A token that can't be kept is nobody's: it is revoked. */
async function handOver({ store, pulumi, print }: Bootstrap, root: ProxmoxClient, grant: Grant, token: string) {
  if (store === "print") {
    print(`\nthe token, shown this once:\n${token}`);
    return;
  }
  try {
    await storeToken(pulumi, token);
  } catch (error) {
    await revokeToken(root, grant);
    throw error;
  }
  print("\nthe token is in the stack's configuration, encrypted");
}

async function pin({ store, pulumi, print }: Bootstrap, fingerprint: string): Promise<void> {
  if (store === "stack") await storeFingerprint(pulumi, fingerprint);
  print(
    store === "stack"
      ? "the certificate is pinned: hypervisor.tls.fingerprint"
      : `to pin the certificate, set hypervisor.tls.fingerprint to ${fingerprint}`,
  );
}
