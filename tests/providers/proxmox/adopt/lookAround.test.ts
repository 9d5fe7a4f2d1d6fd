/** What a house could name of a cluster, and what it leaves out. */
import { lookAround } from "../../../../providers/proxmox/adopt/lookAround";
import type { ProxmoxClient } from "../../../../providers/proxmox/client";

const guest = (vmid: number, more: object = {}) => ({ vmid, type: "qemu", node: "pve1", status: "stopped", ...more });

const ANSWERS: Readonly<Record<string, unknown>> = {
  "/version": { version: "8.4.1" },
  "/nodes": [{ node: "pve2" }, { node: "pve1", maxcpu: 8, maxmem: 1024 ** 3 }],
  "/storage": [
    { storage: "tank", type: "zfspool" },
    { storage: "local", type: "dir", path: "/var/lib/vz" },
  ],
  "/cluster/resources": [
    guest(104, { node: "pve2", name: "far" }),
    guest(103, { template: 1, name: "golden" }),
    guest(102, { type: "lxc", name: "box" }),
    guest(101, { name: "locked-out" }),
    guest(100, { name: "media" }),
  ],
  "/nodes/pve1/qemu/100/pending": [{ key: "name", value: "media" }],
};

const refuse = () => Promise.reject(new Error("a change was asked for"));

/** Two nodes, one VM that may be seen. */
const client = (): ProxmoxClient => ({
  get: <T>(path: string) =>
    path in ANSWERS ? Promise.resolve(ANSWERS[path] as T) : Promise.reject(new Error("403: no permission")),
  post: refuse,
  put: refuse,
  delete: refuse,
  task: refuse,
  close: () => Promise.resolve(),
});

test("containers, templates, guests of other nodes and those out of sight are left out, each with the reason", async () => {
  const found = await lookAround(client(), "pve1");
  expect(found).toMatchObject({ node: "pve1", version: "8.4.1", cpus: 8, memory: 1024 ** 3 });
  expect(found.vms.map(({ vmid }) => vmid)).toEqual([100]);
  expect(found.storages.map(({ storage }) => storage)).toEqual(["local", "tank"]);
  expect(found.leftOut.map(({ key, why }) => `${key}: ${why}`)).toEqual([
    "VM 101 locked-out: could not be looked at: 403: no permission",
    "container 102 box: a container; the house has VMs only, it is not touched",
    "VM 103 golden: a template; the house has VMs only, it is not touched",
    "VM 104 far: it is on node pve2; this house is pve1's, it is not touched",
  ]);
});

test("in a cluster the node has to be said", async () => {
  await expect(lookAround(client())).rejects.toThrow(/--node: .*pve1, pve2 - say which/);
});
