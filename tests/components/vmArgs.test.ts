import { vmUuid } from "../../components/identity";
import { storageArgs } from "../../components/storageArgs";
import { vmArgs } from "../../components/vmArgs";
import { parseHouse } from "../../house/house";
import { declarable } from "../../house/unknowns";

const parsed = parseHouse({
  sections: {
    network: { cidr: "10.1.2.0/24", gateway: 1, dns: [1, "9.9.9.9"] },
    hypervisor: { node: "pve", address: 5 },
    nas: { address: 43, export: "/export" },
    storages: { NAS: { type: "nfs", size: "57TB", content: ["images"] } },
    vms: {
      media: {
        vmid: 100,
        hostname: "media-1",
        purpose: "films",
        priority: "critical",
        state: "running",
        address: 20,
        cpu: { cores: 2 },
        memory: "2GiB",
        disks: {
          scsi0: { storage: "NAS", size: "8GiB" },
          scsi1: { physical: true, path: "/dev/disk/by-id/x", size: "4TB", backup: false },
        },
        cloudInit: { storage: "NAS", user: "evan" },
        services: ["emby"],
      },
    },
  },
});
if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
const { house } = parsed;

test("what the house says of a VM reaches Proxmox in its words; what is for people does not", () => {
  const { media } = declarable(house);
  if (!media) throw new Error("the VM is not declarable");
  expect(vmArgs(house, media, "u")).toEqual({
    node: "pve",
    vmid: 100,
    uuid: "u",
    name: "media-1",
    description: "films",
    power: "running",
    cpu: { cores: 2 },
    memory: "2GiB",
    disks: { scsi0: { storage: "NAS", size: "8GiB" }, scsi1: { path: "/dev/disk/by-id/x", backup: false } },
    nics: { net0: { model: "virtio", bridge: "vmbr0" } },
    cloudInit: {
      slot: "ide2",
      storage: "NAS",
      user: "evan",
      addresses: { net0: { address: "10.1.2.20/24", gateway: "10.1.2.1" } },
      nameservers: ["10.1.2.1", "9.9.9.9"],
    },
    deletable: false,
  });
});

test("an NFS storage is the NAS's export unless it names its own", () => {
  const { NAS } = house.storages ?? {};
  if (!NAS) throw new Error("the storage is missing");
  const nfs = { type: "nfs", storage: "NAS", content: ["images"] };
  expect(storageArgs(house, "NAS", NAS)).toEqual({ ...nfs, server: "10.1.2.43", export: "/export" });
  const own = { ...NAS, server: "10.9.9.9", export: "/other" } as typeof NAS;
  expect(storageArgs(house, "NAS", own)).toEqual({ ...nfs, server: "10.9.9.9", export: "/other" });
});

test("a VM's uuid is the same on every run, and another for another project, stack or VMID", () => {
  const uuid = vmUuid("infinity-node", "prod", 100);
  expect(uuid).toBe(vmUuid("infinity-node", "prod", 100));
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const others = [
    vmUuid("other", "prod", 100),
    vmUuid("infinity-node", "lab", 100),
    vmUuid("infinity-node", "prod", 101),
  ];
  expect(new Set([uuid, ...others]).size).toBe(4);
});
