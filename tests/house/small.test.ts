/** A house of one VM and no cloud. */
import { capacity } from "../../house/capacity";
import { warnings } from "../../house/house";
import { declarable, unknowns } from "../../house/unknowns";
import { house, small, SMALL } from "./support";

describe("a house of one VM", () => {
  test("is a house, with the defaults of what it doesn't say", () => {
    const one = house(SMALL);
    expect(one.vms.web).toEqual({
      vmid: 100,
      cpu: { cores: 2 },
      memory: "4GiB",
      disks: { scsi0: { storage: "local-lvm", size: "20GiB" } },
      priority: "none",
      nics: { net0: { model: "virtio", bridge: "vmbr0" } },
      deletable: false,
      services: [],
    });
    expect(Object.keys(one)).toEqual(["hypervisor", "vms"]);
    expect(warnings(one)).toEqual([]);
  });

  test("declares its VM under the short name", () => {
    expect(declarable(house(SMALL)).web?.hostname).toBe("web");
  });

  test("is not asked about clouds that it doesn't have", () => {
    expect(unknowns(house(SMALL)).map(({ path }) => path)).toEqual(["hypervisor.cpus", "hypervisor.memory"]);
  });

  test("keeps all its RAM where it doesn't balloon", () => {
    const { running } = capacity(house(SMALL));
    expect(running).toEqual({ vcpus: 2, memory: 4 * 1024 ** 3, balloon: 4 * 1024 ** 3 });
  });

  test("may have a VM of no disks", () => {
    const { vms } = house(small({ vms: { pxe: { vmid: 101, cpu: { cores: 1 }, memory: "1GiB", disks: {} } } }));
    expect(vms.pxe?.disks).toEqual({});
  });
});

test("a VM with a disk of the host is declared once its path is known", () => {
  const without = small({ vms: { web: { disks: { scsi1: { physical: true } } } } });
  const known = small({ vms: { web: { disks: { scsi1: { physical: true, path: "/dev/disk/by-id/a" } } } } });
  expect(Object.keys(declarable(house(without)))).toEqual([]);
  expect(unknowns(house(without)).map(({ path }) => path)).toContain("vms.web.disks.scsi1.path");
  expect(Object.keys(declarable(house(known)))).toEqual(["web"]);
});
