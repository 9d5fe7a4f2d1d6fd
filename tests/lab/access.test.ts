/** Logging in: tickets that age, CSRF tokens, tokens that are not root, and a role that may do just enough. */
import { LabClient } from "./client";
import { systemClock } from "../../lab/proxmox/clock";
import { houseNode, LAB_PASSWORD, LAB_TOKEN } from "../../lab/proxmox/seeds";
import { startProxmox, type LabProxmox } from "../../lab/proxmox/server";

const QEMU = "/nodes/infinity-node/qemu";
const SECRET = "99999999-8888-7777-6666-555555555555";
let lab: LabProxmox;
let now: number;
const clients: LabClient[] = [];

beforeEach(async () => {
  now = 1_800_000_000;
  const seed = houseNode();
  lab = await startProxmox({
    clock: { ...systemClock, now: () => now },
    initial: {
      ...seed,
      users: { ...seed.users, "ci@pve": {} },
      tokens: { ...seed.tokens, "ci@pve!up": { secret: SECRET, privsep: true } },
      roles: { Deployer: ["VM.Allocate", "VM.Audit", "VM.Config.CPU", "VM.Config.Disk", "Datastore.AllocateSpace"] },
      acl: ["ci@pve", "ci@pve!up"].flatMap((ugid) =>
        ["/vms", "/storage/local-lvm"].map((path) => ({
          path,
          type: ugid.includes("!") ? ("token" as const) : ("user" as const),
          ugid,
          roleid: "Deployer",
          propagate: true,
        })),
      ),
    },
  });
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await lab.close();
});

function client(token?: string): LabClient {
  const made = token === undefined ? new LabClient(lab) : LabClient.withToken(lab, token);
  clients.push(made);
  return made;
}

async function loggedIn(): Promise<LabClient> {
  const made = client();
  const { data } = await made.send("POST", "/access/ticket", { username: "root@pam", password: LAB_PASSWORD });
  const { ticket, CSRFPreventionToken: csrf } = data as { ticket: string; CSRFPreventionToken: string };
  made.headers = { cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}`, csrfpreventiontoken: csrf };
  return made;
}

test("a ticket is good for two hours, and no longer", async () => {
  const root = await loggedIn();
  now += 2 * 3600 - 1;
  expect((await root.send("GET", "/version")).status).toBe(200);
  now += 1;
  expect((await root.send("GET", "/version")).status).toBe(401);
});

test("a change by ticket takes the CSRF token that came with it", async () => {
  const root = await loggedIn();
  const { csrfpreventiontoken, ...cookie } = root.headers;
  root.headers = cookie;
  expect((await root.send("POST", QEMU, { vmid: 100 })).status).toBe(401);
  root.headers = { ...cookie, csrfpreventiontoken: csrfpreventiontoken ?? "" };
  expect((await root.send("POST", QEMU, { vmid: 100 })).status).toBe(200);
});

test("a forged ticket is none", async () => {
  const root = await loggedIn();
  root.headers = { cookie: (root.headers.cookie ?? "").replace("root%40pam", "ci%40pve") };
  expect((await root.send("GET", "/version")).status).toBe(401);
});

test("a physical disk takes root's own login: root's token is refused, root's ticket is not", async () => {
  const disk = { scsi1: "/dev/disk/by-id/ata-WDC_1" };
  const token = client(`root@pam!lab=${LAB_TOKEN}`);
  expect(await token.send("POST", QEMU, { vmid: 101, ...disk })).toMatchObject({
    status: 500,
    message: expect.stringMatching(/^Only root can pass arbitrary filesystem paths/) as string,
  });
  const root = await loggedIn();
  expect(await root.ended((await root.send("POST", QEMU, { vmid: 101, ...disk })).data)).toBe("OK");
  expect(lab.world.vms[101]?.config.scsi1).toBe("/dev/disk/by-id/ata-WDC_1,size=3907018584K");
});

test("a least-privileged role may do what it was given, and is told what it lacks", async () => {
  const ci = client(`ci@pve!up=${SECRET}`);
  expect(await ci.ended((await ci.send("POST", QEMU, { vmid: 100, cores: 2, scsi0: "local-lvm:1" })).data)).toBe("OK");
  expect(await ci.send("PUT", `${QEMU}/100/config`, { memory: 1024 })).toMatchObject({
    status: 403,
    message: "Permission check failed (/vms/100, VM.Config.Memory)",
  });
  expect(await ci.send("POST", `${QEMU}/100/status/start`, {})).toMatchObject({
    status: 403,
    message: "Permission check failed (/vms/100, VM.PowerMgmt)",
  });
});

test("a token's own rights end where its ACLs do, even where its user has more", async () => {
  lab.world.acl = lab.world.acl.filter(({ type }) => type === "user");
  const ci = client(`ci@pve!up=${SECRET}`);
  expect((await ci.send("POST", QEMU, { vmid: 100 })).status).toBe(403);
});

test("a refused token waits for its answer where the lab is told to be as slow as a real one", async () => {
  const slow = await startProxmox({ rejectMs: 60 });
  const stranger = LabClient.withToken(slow, "root@pam!lab=wrong");
  const before = Date.now();
  expect((await stranger.send("GET", "/version")).status).toBe(401);
  expect(Date.now() - before).toBeGreaterThanOrEqual(59);
  await stranger.close();
  await slow.close();
});
