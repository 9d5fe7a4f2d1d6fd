import { madeOf } from "../../cli/made";
import { renderTree } from "../../cli/tree";

const urn = (type: string, name: string) => `urn:pulumi:lab::infinity-node::${type}::${name}`;
const resource = (type: string, name: string, outputs: object) => ({ urn: urn(type, name), type, outputs });

const VM = "pulumi-nodejs:dynamic/proxmox:Vm";
const STACK = "pulumi-nodejs:dynamic/compose:ComposeStack";
const STORAGE = "pulumi-nodejs:dynamic/proxmox:Storage";

const RECORD = "cloudflare:index/dnsRecord:DnsRecord";

const exported = {
  version: 3,
  deployment: {
    resources: [
      resource("pulumi:pulumi:Stack", "infinity-node-lab", {
        hypervisor: { node: "pve", endpoint: "https://192.168.86.106:8006" },
        addresses: { early: "192.168.86.173" },
        tunnel: { name: "in.example.org", address: "203.0.113.1" },
        services: { early: { web: { web: "http://192.168.86.173:8080" } } },
        notKnown: ["network.dns: name servers"],
      }),
      resource("infinity:house:Storages", "pve", {}),
      resource("digitalocean:index/droplet:Droplet", "in", {
        size: "s-1vcpu-1gb",
        region: "nyc1",
        image: "debian-12-x64",
      }),
      resource(RECORD, "example.org", { name: "example.org", content: "203.0.113.1" }),
      resource(RECORD, "a.example.org", { name: "a.example.org", content: "203.0.113.1" }),
      resource(STORAGE, "local-lvm", { storage: "local-lvm", type: "lvmthin", volumeGroup: "pve", thinPool: "data" }),
      resource(STORAGE, "local", { storage: "local", type: "dir", path: "/var/lib/vz" }),
      resource(VM, "late", {
        vmid: 1000,
        name: "late",
        status: "stopped",
        cpu: { cores: 2, sockets: 2, type: "host" },
        memory: "2GiB",
        balloon: "1GiB",
        disks: { scsi0: { storage: "local-lvm", size: "8GiB" }, scsi1: { path: "/dev/disk/by-id/x" } },
        pending: ["cpu", "memory"],
      }),
      resource(VM, "early", { vmid: 101, name: "early-host", status: "running", cpu: { cores: 1 }, memory: "1GiB" }),
      resource(STACK, "early-web", {
        project: "web",
        host: { name: "early" },
        services: { web: { image: "web:1", state: "up" }, db: { image: "db:1", state: "up" } },
      }),
      resource(STACK, "early-cache", {
        project: "cache",
        host: { name: "early" },
        services: { cache: { image: "cache:1", state: "exited (1)" } },
      }),
    ],
  },
};

test("what was made is a tree: storages, VMs by number with figures, disks and what waits, the tunnel with its names, and what is not known", () => {
  expect(renderTree(madeOf(exported))).toBe(
    `
└─ pve  https://192.168.86.106:8006
   ├─ storages
   │  ├─ local      dir /var/lib/vz
   │  └─ local-lvm  lvmthin pve/data
   ├─ VMs
   │  ├─ 101  early-host  running  192.168.86.173
   │  │  ├─ 1 cores, 1GiB
   │  │  └─ services
   │  │     ├─ cache  cache exited (1)
   │  │     └─ web    2 up  http://192.168.86.173:8080
   │  └─ 1000  late  stopped
   │     ├─ 4 cores host, 2GiB, 1GiB at least
   │     ├─ scsi0  8GiB on local-lvm
   │     ├─ scsi1  the host's /dev/disk/by-id/x
   │     └─ waits for a reboot: cpu, memory
   ├─ tunnel's server
   │  ├─ in.example.org  203.0.113.1
   │  └─ s-1vcpu-1gb, debian-12-x64, nyc1
   ├─ names
   │  ├─ a.example.org  203.0.113.1
   │  └─ example.org    203.0.113.1
   └─ not known
      └─ network.dns: name servers
`.trim(),
  );
});

test("a state that is not this program's is refused", () => {
  expect(() => madeOf({ deployment: { resources: [] } })).toThrow();
});
