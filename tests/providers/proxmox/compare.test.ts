import { houseNode, LAB_TOKEN } from "../../../lab/proxmox/seeds";
import { startProxmox, type LabProxmox } from "../../../lab/proxmox/server";
import type { ProxmoxClient } from "../../../providers/proxmox/client";
import { compareStorages, compareVm } from "../../../providers/proxmox/compare";
import { connect } from "../../../providers/proxmox/connect";
import { connectionFrom } from "../../../providers/proxmox/connection";
import type { VmSpec } from "../../../providers/proxmox/vm/args";

let proxmox: LabProxmox;
let client: ProxmoxClient;

const spec: VmSpec = {
  node: "infinity-node",
  vmid: 100,
  uuid: "00000000-0000-5000-8000-000000000000",
  name: "media",
  cpu: { cores: 2 },
  memory: "2GiB",
  disks: { scsi0: { storage: "local-lvm", size: "8GiB" } },
  nics: { net0: { bridge: "vmbr0" } },
  power: "stopped",
};

const as = (apiToken: string): ProxmoxClient => {
  const { url: endpoint, fingerprint } = proxmox;
  const hypervisor = { endpoint, tls: { fingerprint }, apiToken };
  return connect(connectionFrom({ PULUMI_CONFIG: JSON.stringify({ hypervisor: JSON.stringify(hypervisor) }) }));
};

beforeAll(async () => {
  const secret = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
  const initial = houseNode();
  proxmox = await startProxmox({
    initial: {
      ...initial,
      users: { ...initial.users, "look@pve": {} },
      tokens: { ...initial.tokens, "look@pve!trial": { secret, privsep: false } },
      acl: [{ path: "/", type: "user", ugid: "look@pve", roleid: "PVEAuditor", propagate: true }],
    },
  });
  const owner = as(`root@pam!lab=${LAB_TOKEN}`);
  const made = { vmid: 100, name: "media", cores: 2, memory: 2048, scsi0: "local-lvm:8", net0: "virtio,bridge=vmbr0" };
  await owner.task(await owner.post<string>("/nodes/infinity-node/qemu", made));
  await owner.close();
  proxmox.calls.reset();
  // The README's read-only user: nothing more is needed.
  client = as(`look@pve!trial=${secret}`);
});
afterAll(async () => {
  await client.close();
  await proxmox.close();
});
afterEach(() => {
  expect(proxmox.calls.writes).toBe(0);
});

test("a VM made by hand as the house has it does not differ, whosever uuid it carries", async () => {
  expect(await compareVm(client, spec)).toEqual([]);
});

test("what differs is named property by property, live beside wanted", async () => {
  const wanted: VmSpec = {
    ...spec,
    memory: "4GiB",
    disks: { scsi0: { storage: "local-lvm", size: "16GiB" } },
    power: "running",
  };
  expect(await compareVm(client, wanted)).toEqual(
    expect.arrayContaining([
      { property: "disks.scsi0.size", live: "8GiB", wanted: "16GiB" },
      { property: "memory", live: "2GiB", wanted: "4GiB" },
      { property: "power", live: "stopped", wanted: "running" },
    ]),
  );
});

test("a VM that is not there is told from one that differs", async () => {
  expect(await compareVm(client, { ...spec, vmid: 999 })).toBeUndefined();
});

test("storages are compared by their definitions", async () => {
  expect(
    await compareStorages(client, [
      { storage: "local", type: "dir", path: "/var/lib/vz" },
      { storage: "local-lvm", type: "lvmthin", volumeGroup: "pve", thinPool: "data", content: ["images"] },
      { storage: "NAS", type: "nfs", server: "192.168.86.43", export: "/volume1" },
    ]),
  ).toEqual([[], [{ property: "content", live: ["images", "rootdir"], wanted: ["images"] }], undefined]);
});
