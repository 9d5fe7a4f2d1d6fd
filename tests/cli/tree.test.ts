import { Outputs, renderTree } from "../../cli/tree";

const outputs = Outputs.parse({
  hypervisor: { node: "pve", endpoint: "https://192.168.86.106:8006" },
  storages: { local: "dir /var/lib/vz", "local-lvm": "lvmthin pve/data" },
  vms: {
    late: {
      vmid: 1000,
      hostname: "late",
      cpu: "1 cores",
      memory: "1GiB",
      disks: { scsi0: "8GiB on local-lvm" },
      pending: ["cpu", "memory"],
    },
    early: {
      vmid: 101,
      hostname: "early",
      state: "running",
      address: "192.168.86.173",
      cpu: "2 cores",
      memory: "1GiB",
      disks: {},
      pending: [],
    },
  },
  notKnown: ["network.dns: name servers"],
});

test("the house is a tree: storages, VMs by number with figures, disks and what waits, and what is not known", () => {
  expect(renderTree(outputs)).toBe(
    `
└─ pve  https://192.168.86.106:8006
   ├─ storages
   │  ├─ local      dir /var/lib/vz
   │  └─ local-lvm  lvmthin pve/data
   ├─ VMs
   │  ├─ 101  early  running  192.168.86.173
   │  │  └─ 2 cores, 1GiB
   │  └─ 1000  late
   │     ├─ 1 cores, 1GiB
   │     ├─ scsi0  8GiB on local-lvm
   │     └─ waits for a reboot: cpu, memory
   └─ not known
      └─ network.dns: name servers
`.trim(),
  );
});
