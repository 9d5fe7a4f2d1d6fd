/**
 * The node that the recordings were made on, as it was before the first of them: what `initial-state.md` beside them
 * says, as the start of a lab. Pure.
 */
import type { Volume, WorldSeed } from "../../../lab/proxmox/world";
import type { Secrets } from "./credentials";

export const secrets: Secrets = { token: "1f0c7a52-96b4-4c3e-8f0e-5a2b6d1c9e37", rootPassword: "proxmox123" };

/** Seconds; the real times are masked anyway. */
const long_ago = 1_700_000_000;
const image = "debian-12-genericcloud-amd64";

/** @param name `pve` in the exchanges, others elsewhere */
export function recordedNode(name = "pve"): WorldSeed {
  return {
    node: {
      name,
      cpus: 16,
      memory: 25_276_510_208,
      bridges: ["vmbr0"],
      rootBytes: 270_553_174_016,
      rootUsed: 35_716_997_120,
      thinPools: { "pve/data": 429_496_729_600 },
      bootedAt: long_ago,
      interfaces,
    },
    physicalDisks: { "/dev/loop0": 64 * 2 ** 20, "/dev/disk/by-id/*": 2 ** 40 },
    users: { "root@pam": { password: secrets.rootPassword } },
    tokens: {
      "root@pam!test": { secret: secrets.token, privsep: false },
    },
    roles: {},
    acl: [],
    storages: {
      local: {
        storage: "local",
        type: "dir",
        properties: { path: "/var/lib/vz", content: "iso,vztmpl,backup,snippets,import" },
      },
      "local-lvm": {
        storage: "local-lvm",
        type: "lvmthin",
        properties: { thinpool: "data", vgname: "pve", content: "images,rootdir" },
      },
      NAS: {
        storage: "NAS",
        type: "dir",
        properties: { path: "/mnt/pve/NAS", content: "images,iso,backup,snippets,import,vztmpl", shared: "1" },
      },
    },
    nfsServers: [],
    volumes: Object.fromEntries(files().map((file) => [file.volid, file])),
    vms: {},
    tasks: [],
    nextPid: 26_631,
  };
}

const manual = { families: ["inet"], method: "manual", method6: "manual", type: "eth" };
const interfaces = {
  eno1: { ...manual, priority: 3 },
  eth0: { ...manual, active: 1, exists: 1 },
  vmbr0: {
    ...{ type: "bridge", active: 1, autostart: 1, families: ["inet"], priority: 4 },
    ...{ method: "static", method6: "manual", cidr: "192.0.2.2/24", address: "192.0.2.2", netmask: "24" },
    ...{ gateway: "192.0.2.1", bridge_ports: "eno1", bridge_fd: "0", bridge_stp: "off" },
  },
};

function files(): Volume[] {
  const disk = { content: "import", format: "qcow2", size: 2 * 2 ** 30, fileSize: 196_640, ctime: long_ago } as const;
  const file = { content: "iso", format: "iso", ctime: long_ago } as const;
  return [
    { ...file, volid: "local:iso/tiny.iso", storage: "local", size: 358_400 },
    { ...disk, volid: `local:import/${image}.qcow2`, storage: "local" },
    { ...file, volid: "NAS:iso/tiny.iso", storage: "NAS", size: 358_400 },
    { ...file, volid: `NAS:iso/${image}.img`, storage: "NAS", size: 196_640 },
    { ...disk, volid: `NAS:import/${image}.qcow2`, storage: "NAS" },
    { ...file, volid: "NAS:snippets/user.yaml", storage: "NAS", content: "snippets", format: "snippet", size: 26 },
  ];
}
