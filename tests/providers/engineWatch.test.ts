/** Whether the engine is still there, asked of a real port; and a provider process that loses its engine. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { endWith, engineOf, isGone } from "../../providers/engineWatch";
import { startProvider } from "../support/providerProcess";
import { startLab, type Lab } from "./proxmox/lab";

const HOST = "/house/node_modules/@pulumi/pulumi/cmd/dynamic-provider";

test("the engine's address is an argument of the SDK's provider host, and of nothing else", () => {
  expect(engineOf(["node", HOST, "127.0.0.1:41234"])).toEqual({ host: "127.0.0.1", port: 41234 });
  expect(engineOf(["node", `${HOST}/index.js`, "127.0.0.1:41234"])).toEqual({ host: "127.0.0.1", port: 41234 });
  expect(engineOf(["node", "/house/bin/cli/main.js", "127.0.0.1:41234"])).toBeUndefined();
  expect(engineOf(["node", HOST])).toBeUndefined();
});

test("an engine is gone when its port refuses, and whoever waits for that is told once", async () => {
  const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const engine = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  expect(await isGone(engine)).toBe(false);
  let ends = 0;
  const ended = new Promise<void>((resolve) => {
    endWith(
      engine,
      () => {
        ends += 1;
        resolve();
      },
      10,
    );
  });
  const ticks = setInterval(() => undefined, 5);
  server.close();
  await ended;
  clearInterval(ticks);
  expect(ends).toBe(1);
  expect(await isGone(engine)).toBe(true);
});

describe("a provider process", () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = await startLab();
  });
  afterEach(() => lab.close());

  test("that lost its engine in the middle of a change ends, and makes no further one", async () => {
    const vm = await startProvider("providers/proxmox/vm/lifecycle", lab.env("token"));
    const { inputs } = await vm.check(
      {},
      {
        node: "infinity-node",
        vmid: 100,
        uuid: "5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9100",
        name: "vm-100",
        memory: "1GiB",
        disks: { scsi0: { size: "2GiB", storage: "local-lvm" } },
        power: "stopped",
      },
    );
    const { properties } = await vm.create(inputs);
    // Two steps: the configuration, then the disk.
    const news = { ...inputs, memory: "2048MiB", disks: { scsi0: { size: "3072MiB", storage: "local-lvm" } } };
    lab.proxmox.faults.add({ match: { method: "PUT", path: /config$/ }, kind: "delay", ms: 300 });
    lab.calls();
    const update = vm.update("100", properties, news).catch(() => "no answer");
    while (lab.proxmox.calls.writes === 0) await new Promise((wake) => setTimeout(wake, 5));
    await vm.loseEngine();
    expect(await update).toBe("no answer");
    expect(lab.writes()).toEqual({ "PUT /nodes/{node}/qemu/{vmid}/config": 1 });
    expect(lab.proxmox.world.vms[100]?.config.scsi0).toContain("size=2G");
  });
});
