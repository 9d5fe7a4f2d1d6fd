/** The guest agent through the lab's Proxmox: who may ask, who can answer, and what a simulated guest says. */
import { AgentSilent, type Machines } from "../../lab/proxmox/machines";
import { houseNode, LAB_TOKEN } from "../../lab/proxmox/seeds";
import { startProxmox, type LabProxmox, type ProxmoxOptions } from "../../lab/proxmox/server";
import { LabClient } from "./client";

const QEMU = "/nodes/infinity-node/qemu";
const AGENT = `${QEMU}/100/agent`;

let lab: LabProxmox;
let client: LabClient;

async function open(options: ProxmoxOptions = {}, agent = "1"): Promise<void> {
  lab = await startProxmox({ initial: houseNode(), ...options });
  client = LabClient.withToken(lab, `root@pam!lab=${LAB_TOKEN}`);
  const ipconfig0 = "ip=192.168.86.172/24,gw=192.168.86.1";
  const vm = { vmid: 100, name: "emby", agent, ipconfig0, net0: "virtio=BC:24:11:00:01:00,bridge=vmbr0" };
  await client.ended((await client.send("POST", QEMU, vm)).data);
}

const start = async (): Promise<string> => client.ended((await client.send("POST", `${QEMU}/100/status/start`)).data);

afterEach(async () => {
  await client.close();
  await lab.close();
});

test("without an agent in the configuration, or without a guest that runs, there is nobody to ask", async () => {
  await open({}, "0");
  expect(await client.send("POST", `${AGENT}/ping`)).toMatchObject({
    status: 500,
    message: "No QEMU guest agent configured",
  });
  await client.send("PUT", `${QEMU}/100/config`, { agent: "1" });
  expect(await client.send("POST", `${AGENT}/ping`)).toMatchObject({ status: 500, message: "VM 100 is not running" });
});

test("a simulated guest has the addresses of its cloud-init settings", async () => {
  await open();
  await start();
  expect((await client.send("POST", `${AGENT}/ping`)).data).toEqual({ result: {} });
  const { data } = await client.send("GET", `${AGENT}/network-get-interfaces`);
  const { result } = data as { result: { name: string }[] };
  expect(result.find(({ name }) => name === "eth0")).toEqual({
    name: "eth0",
    "hardware-address": "bc:24:11:00:01:00",
    "ip-addresses": [{ "ip-address": "192.168.86.172", "ip-address-type": "ipv4", prefix: 24 }],
  });
});

/** Real guests, as far as these tests need them. */
function machines(told: string[], agent: Machines["agent"], obeys = true): Machines {
  const note =
    (what: string) =>
    (vmid: number): Promise<void> => {
      told.push(`${what} ${vmid}`);
      return Promise.resolve();
    };
  return {
    start: ({ vmid }) => note("start")(vmid),
    ...{ stop: note("stop"), reset: note("reset"), remove: note("remove"), agent },
    shutdown: (vmid, ms) => note(`shutdown within ${ms}`)(vmid).then(() => obeys),
    onEnded: () => undefined,
    list: () => [],
    forward: () => Promise.resolve(0),
    close: () => Promise.resolve(),
  };
}

test("a real guest answers for itself, and one that is still booting is told as Proxmox tells it", async () => {
  const answers = [new AgentSilent("nobody"), { "host-name": "emby" }];
  const agent = (): Promise<unknown> => {
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  await open({ machines: machines([], agent) });
  await start();
  const asked = () => client.send("GET", `${AGENT}/get-host-name`);
  expect(await asked()).toMatchObject({ status: 500, message: "QEMU guest agent is not running" });
  expect((await asked()).data).toEqual({ result: { "host-name": "emby" } });
});

test("what is done to a VM is done to its machine", async () => {
  const told: string[] = [];
  await open({ machines: machines(told, () => Promise.resolve({})) });
  const change = async (what: string, form = {}): Promise<string> =>
    client.ended((await client.send("POST", `${QEMU}/100/status/${what}`, form)).data);
  for (const what of ["start", "reset", "reboot", "stop", "start"]) expect(await change(what)).toBe("OK");
  expect(await change("shutdown", { timeout: 7 })).toBe("OK");
  await client.ended((await client.send("DELETE", `${QEMU}/100`)).data);
  expect(told).toEqual([
    ...["start 100", "reset 100", "shutdown within 180000 100", "start 100", "stop 100", "start 100"],
    ...["shutdown within 7000 100", "remove 100"],
  ]);
});

test("a guest that does not shut down stays up, unless its plug may be pulled", async () => {
  const told: string[] = [];
  await open({ machines: machines(told, () => Promise.resolve({}), false) });
  await start();
  const shutdown = async (form: Record<string, number>): Promise<string> =>
    client.ended((await client.send("POST", `${QEMU}/100/status/shutdown`, { timeout: 1, ...form })).data);
  expect(await shutdown({})).toBe("VM quit/powerdown failed - got timeout");
  expect(lab.world.vms[100]?.running).toBeDefined();
  expect(await shutdown({ forceStop: 1 })).toBe("OK");
  expect(lab.world.vms[100]?.running).toBeUndefined();
  expect(told.at(-1)).toBe("stop 100");
});

test("a machine that does not start is the start task's error, and the VM stays stopped", async () => {
  const broken = { ...machines([], () => Promise.resolve({})), start: () => Promise.reject(new Error("no memory")) };
  await open({ machines: broken });
  expect(await start()).toBe("start failed: no memory");
  expect(lab.world.vms[100]?.running).toBeUndefined();
});
