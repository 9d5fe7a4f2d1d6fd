/** Houses of any size to measure with. Pure. */
import { stringify } from "yaml";
import type { LabProxmox } from "../proxmox/server";

/** The stack file of a house of `count` VMs with two disks each, stopped: what is measured is the provider, not boots. */
export function benchHouse(count: number, proxmox: Pick<LabProxmox, "url" | "fingerprint">): string {
  const vms = Array.from({ length: count }, (_, index) => [
    `vm-${index}`,
    {
      vmid: 1000 + index,
      hostname: `vm-${index}`,
      state: "stopped",
      cpu: { cores: 2, type: "x86-64-v2-AES" },
      memory: "4GiB",
      balloon: "2GiB",
      disks: { scsi0: { storage: "local-lvm", size: "32GiB" }, scsi1: { storage: "local-lvm", size: "8GiB" } },
    },
  ]);
  return stringify({
    config: {
      "pulumi-nodejs:hypervisor": {
        node: "infinity-node",
        endpoint: proxmox.url,
        tls: { fingerprint: proxmox.fingerprint },
        user: "root@pam",
        password: "lab",
      },
      "infinity-node:storages": {
        "local-lvm": { type: "lvmthin", volumeGroup: "pve", thinPool: "data", content: ["images", "rootdir"] },
      },
      "infinity-node:vms": Object.fromEntries(vms) as unknown,
    },
  });
}
