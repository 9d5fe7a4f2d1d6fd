/** `/lab/...`: another process looks into the lab, counts, breaks and edits, but only with the key. */
import { Agent, request } from "undici";
import { startProxmox, type LabProxmox } from "../../lab/proxmox/server";
import { CONTROL_HEADER } from "../../lab/proxmox/control";
import { LAB_TOKEN } from "../../lab/proxmox/seeds";
import { LabClient } from "./client";

let lab: LabProxmox;
let agent: Agent;
let client: LabClient;

beforeEach(async () => {
  lab = await startProxmox();
  agent = new Agent({ connect: { ca: lab.certificate.cert } });
  client = LabClient.withToken(lab, `root@pam!lab=${LAB_TOKEN}`);
});

afterEach(async () => {
  await client.close();
  await agent.close();
  await lab.close();
});

async function control(method: "GET" | "POST" | "DELETE", path: string, body?: unknown, key = lab.controlKey) {
  const answer = await request(`${lab.url}/lab/${path}`, {
    method,
    dispatcher: agent,
    headers: { [CONTROL_HEADER]: key },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const { data } = (await answer.body.json()) as { data: unknown };
  return { status: answer.statusCode, data };
}

test("without the key nothing is told and nothing is done", async () => {
  expect((await control("GET", "world", undefined, "guess")).status).toBe(403);
  expect((await control("POST", "edit", { path: ["storages", "local"] }, "")).status).toBe(403);
  expect(lab.world.storages.local).toBeDefined();
});

test("calls are counted for another process, and counted anew", async () => {
  await client.send("GET", "/version");
  expect((await control("GET", "calls")).data).toMatchObject({ counts: { "GET /version": 1 } });
  await control("POST", "calls/reset");
  expect((await control("GET", "calls")).data).toMatchObject({ counts: {} });
});

test("a fault comes with a prefix or an expression, and goes again", async () => {
  await control("POST", "faults", { match: { path: { regex: "^/ver" } }, kind: "status", status: 503, times: 2 });
  expect((await client.send("GET", "/version")).status).toBe(503);
  await control("DELETE", "faults");
  expect((await client.send("GET", "/version")).status).toBe(200);
});

test("an edit behind everybody's back shows in the API at once", async () => {
  await client.ended((await client.send("POST", "/nodes/infinity-node/qemu", { vmid: 100, cores: 2 })).data);
  await control("POST", "edit", { path: ["vms", "100", "config", "cores"], value: "6" });
  expect((await client.send("GET", "/nodes/infinity-node/qemu/100/config")).data).toMatchObject({ cores: 6 });
  await control("POST", "edit", { path: ["vms", "100"] });
  expect((await client.send("GET", "/nodes/infinity-node/qemu")).data).toEqual([]);
});

test("an edit of what is not there is refused", async () => {
  expect((await control("POST", "edit", { path: ["vms", "999", "config", "cores"], value: "6" })).status).toBe(400);
});
