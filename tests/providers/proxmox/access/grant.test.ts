/** A grant on a simulated Proxmox: made once, made whole again, and tried as the token itself. */
import { connect } from "../../../../providers/proxmox/connect";
import type { ProxmoxClient } from "../../../../providers/proxmox/client";
import { tokenId, type Grant } from "../../../../providers/proxmox/access/grant";
import { observeGrant } from "../../../../providers/proxmox/access/observe";
import { performStep } from "../../../../providers/proxmox/access/perform";
import { planGrant, stepText } from "../../../../providers/proxmox/access/plan";
import { verifyToken } from "../../../../providers/proxmox/access/verify";
import { startLab, type Lab } from "../lab";

const grant: Grant = {
  user: "infinity@pve",
  token: "home",
  role: "Infinity",
  privileges: ["VM.Allocate", "VM.Audit", "Datastore.AllocateSpace"],
};

let lab: Lab;
let clients: ProxmoxClient[];
beforeEach(async () => {
  lab = await startLab();
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await lab.close();
});

const plan = async (newToken = false, wanted = grant) =>
  planGrant(wanted, await observeGrant(lab.client, wanted), newToken);

/** Does what there is to do; gives the kinds of the steps, and the token where one was made. */
async function make(newToken = false, wanted = grant): Promise<{ kinds: string[]; token?: string }> {
  const { steps } = await plan(newToken, wanted);
  let secret: string | undefined;
  for (const step of steps) secret = (await performStep(lab.client, step)) ?? secret;
  return {
    kinds: steps.map(({ kind }) => kind),
    ...(secret !== undefined && { token: `${tokenId(grant)}=${secret}` }),
  };
}

function as(token: string | undefined): ProxmoxClient {
  if (token === undefined) throw new Error("no token was made");
  const trust = { kind: "pin", fingerprint: lab.proxmox.fingerprint } as const;
  const credentials = { kind: "token", token } as const;
  const client = connect({ endpoint: lab.proxmox.url, trust, credentials, rootTicket: false });
  clients.push(client);
  return client;
}

const problems = async (client: ProxmoxClient): Promise<(string | undefined)[]> =>
  (await verifyToken(client, grant.privileges)).map(({ problem }) => problem);

test("it is made in four steps, may exactly what it should, and made again there is nothing to do", async () => {
  const { kinds, token } = await make();
  expect(kinds).toEqual(["create role", "create user", "give role", "create token"]);
  expect(await problems(as(token))).toEqual([undefined, undefined, undefined, undefined]);
  lab.writes();
  expect(await make()).toEqual({ kinds: [] });
  expect(lab.writes()).toEqual({});
});

test("looking at what is there sends nothing but GET", async () => {
  lab.calls();
  await plan();
  expect(Object.keys(lab.calls()).filter((kind) => !kind.startsWith("GET "))).toEqual([]);
});

test("a killed run is finished by the next, wherever it ended", async () => {
  const { steps } = await plan();
  for (const [index, step] of steps.slice(0, -1).entries()) {
    await performStep(lab.client, step);
    expect((await plan()).steps).toEqual(steps.slice(index + 1));
  }
});

test("a role that has more or less is brought to exactly the list, and the difference is said", async () => {
  const { token } = await make();
  await lab.client.put("/access/roles/Infinity", { privs: "VM.Allocate,VM.Audit,Sys.Console" });
  expect(await problems(as(token))).toEqual([
    expect.stringContaining("lacks Datastore.AllocateSpace at /"),
    expect.stringContaining("may Sys.Console at /"),
    undefined,
    undefined,
  ]);
  expect((await plan()).steps.map(stepText)).toEqual([
    "change the role Infinity: +Datastore.AllocateSpace -Sys.Console",
  ]);
  expect((await make()).kinds).toEqual(["change role"]);
  expect(await problems(as(token))).toEqual([undefined, undefined, undefined, undefined]);
});

test("what its user may besides is told, and found by trying", async () => {
  const { token } = await make();
  await lab.client.put("/access/acl", { path: "/storage/local", users: "infinity@pve", roles: "PVEDatastoreAdmin" });
  await lab.client.put("/access/acl", { path: "/vms", users: "root@pam", roles: "Infinity" });
  const { steps, notes } = await plan();
  expect(steps).toEqual([]);
  expect(notes).toEqual([
    "root@pam has the role Infinity at /vms, too: it may what the role may",
    "infinity@pve has the role PVEDatastoreAdmin at /storage/local, too",
  ]);
  const [less, more] = await problems(as(token));
  // The rule for the path below replaces what the root gives.
  expect(less).toBe("lacks VM.Allocate VM.Audit at /storage/local");
  expect(more).toMatch(/may Datastore.Allocate Datastore.AllocateTemplate Datastore.Audit at \/storage\/local, too/);
});

test("a rule that takes everything away below the root is found", async () => {
  const { token } = await make();
  await lab.client.put("/access/acl", { path: "/vms", users: "infinity@pve", roles: "NoAccess" });
  expect((await problems(as(token)))[0]).toBe("lacks VM.Allocate VM.Audit Datastore.AllocateSpace at /vms");
});

test("an administrator's token is found out: it has more, and is not refused", async () => {
  await make();
  await lab.client.put("/access/acl", { path: "/", users: "infinity@pve", roles: "Administrator" });
  const { token } = await make(true);
  const [less, more, rights, root] = await problems(as(token));
  expect([less, rights, root]).toEqual([undefined, "it was not refused", undefined]);
  expect(more).toContain("Permissions.Modify");
});

test("root@pam's own login is found out, too", async () => {
  await make();
  const [, , rights, root] = await problems(lab.client);
  expect([rights, root]).toEqual(["it was not refused", "it was not refused"]);
});

test("a token is replaced only if asked, and the old one is refused then", async () => {
  const { token: old } = await make();
  expect((await make()).kinds).toEqual([]);
  await as(old).get("/version");
  const { kinds, token } = await make(true);
  expect(kinds).toEqual(["replace token"]);
  await expect(as(old).get("/version")).rejects.toThrow(/401/);
  await as(token).get("/version");
});

test("what is not there and what can't be asked are two answers", async () => {
  lab.proxmox.faults.add({ match: { path: /roles/ }, kind: "status", status: 500, text: "no quorum", times: 1 });
  await expect(plan()).rejects.toThrow(/no quorum/);
});
