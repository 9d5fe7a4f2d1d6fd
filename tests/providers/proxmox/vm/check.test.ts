import { checkVm } from "../../../../providers/proxmox/vm/check";
import { UNKNOWN } from "../../../../providers/unknown";

const vm = {
  node: "pve",
  vmid: 100,
  uuid: "5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9b10",
  name: "ininity-node-emby",
  memory: "8GiB",
  disks: { scsi0: { storage: "local-lvm", size: "82GiB" } },
  nics: { net0: { bridge: "vmbr0" } },
};

const failures = (news: object, olds: object = {}, rootLogin?: boolean): string[] =>
  checkVm(olds, { ...vm, ...news }, () => rootLogin).failures.map(({ property, reason }) => `${property}: ${reason}`);

describe("check of a VM", () => {
  test("two ways to write one VM become one text", () => {
    const one = checkVm(
      {},
      { ...vm, balloon: "4096MiB", tags: ["Web", "prod", "web"], description: "x\n\n" },
      () => true,
    );
    const other = checkVm(
      { anything: 1 },
      {
        description: "x",
        tags: ["prod", "web"],
        balloon: "4GiB",
        ...vm,
        uuid: vm.uuid.toUpperCase(),
        memory: "8192MiB",
        nics: { net0: { firewall: false, model: "virtio", bridge: "vmbr0" } },
        disks: { scsi0: { ssd: false, backup: true, cache: "none", size: "83968MiB", storage: "local-lvm" } },
      },
      () => true,
    );
    expect(one.failures).toEqual([]);
    expect(JSON.stringify(one.inputs)).toBe(JSON.stringify(other.inputs));
  });

  test.each([
    ["an unknown property", { memroy: "8GiB" }, "memroy: no such property - check its spelling, or leave it out"],
    ["a size without a unit", { memory: "8192" }, "memory: 8192: a size is a number with a unit"],
    ["memory that is no whole MiB", { memory: "1GB" }, "memory: 1GB: Proxmox takes whole MiB"],
    ["balloon above memory", { balloon: "9GiB" }, "balloon: 9GiB is more than memory, 8GiB"],
    ["a slot that Proxmox has not", { disks: { scsi31: vm.disks.scsi0 } }, "disks.scsi31: slots are scsi0-scsi30"],
    ["a NIC slot that Proxmox has not", { nics: { net32: vm.nics.net0 } }, "nics.net32: slots are net0-net31"],
    ["an unknown disk option", { disks: { scsi0: { ...vm.disks.scsi0, sdd: true } } }, "disks.scsi0.sdd: no such"],
    ["a disk without a size", { disks: { scsi0: { storage: "NAS" } } }, "disks.scsi0.size: missing"],
    [
      "ssd on virtio",
      { disks: { virtio0: { ...vm.disks.scsi0, ssd: true } } },
      "disks.virtio0.ssd: true: virtio disks",
    ],
    ["an I/O thread on ide", { disks: { ide0: { ...vm.disks.scsi0, iothread: true } } }, "disks.ide0.iothread: true"],
    [
      "an I/O thread on a controller without them",
      { scsiController: "lsi", disks: { scsi0: { ...vm.disks.scsi0, iothread: true } } },
      "works with scsiController virtio-scsi-single only, not lsi",
    ],
    ["a multicast MAC", { nics: { net0: { bridge: "vmbr0", mac: "BD:24:11:00:00:01" } } }, "unicast MAC"],
    ["a name with an underscore", { name: "a_b" }, "name: a_b: Proxmox takes DNS labels"],
    ["a VMID below 100", { vmid: 99 }, "vmid: 99"],
    [
      "a cloud-init drive in a disk's slot",
      { cloudInit: { slot: "scsi0", storage: "NAS" } },
      "cloudInit.slot: scsi0: holds a disk already",
    ],
  ])("refuses %s and says what to write", (_, news, message) => {
    const found = failures(news);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  test.each([
    ["another VMID", { vmid: 200 }, "vmid: 200: this VM is 100, and a VMID never changes"],
    ["another node", { node: "pve2" }, "node: pve2: the VM is on pve"],
    ["another uuid", { uuid: "00000000-9a54-4b39-8a2f-6a4f0c0f9b10" }, "uuid: 00000000"],
    [
      "a smaller disk",
      { disks: { scsi0: { storage: "local-lvm", size: "40GiB" } } },
      "disks.scsi0.size: 40GiB is smaller than the 82GiB it has; Proxmox can't shrink a disk - set 82GiB or more",
    ],
    [
      "an image for a disk that is there",
      {
        disks: {
          scsi0: { storage: "local-lvm", size: "82GiB", image: { name: "debian", volume: "local:import/d.qcow2" } },
        },
      },
      "disks.scsi0.image: debian: the disk is there already, and is never filled again - leave it out",
    ],
    [
      "another volume in its place",
      { disks: { scsi0: { storage: "local-lvm", size: "82GiB", volume: "local-lvm:vm-100-disk-7" } } },
      "disks.scsi0.volume: local-lvm:vm-100-disk-7: the slot has a disk already",
    ],
    ["the same disk in another slot", { disks: { scsi1: vm.disks.scsi0 } }, "while scsi0, one like it, is taken out"],
    ["a disk of the host in its place", { disks: { scsi0: { path: "/dev/sdb" } } }, "never swapped"],
  ])("refuses %s for a VM that is there", (_, news, message) => {
    const olds = checkVm({}, vm, () => true).inputs;
    const found = failures(news, olds, true);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  test("a disk may be moved to another storage", () => {
    const olds = checkVm({}, vm, () => true).inputs;
    expect(failures({ disks: { scsi0: { storage: "NAS", size: "82GiB" } } }, olds, true)).toEqual([]);
  });

  test("of a disk made from an image the image's name counts, and its file of that day is remembered", () => {
    const disks = (name: string, file: string) => ({
      scsi0: { storage: "local-lvm", size: "82GiB", image: { name, volume: `local:import/${file}` } },
    });
    const olds = checkVm({}, { ...vm, disks: disks("debian", "12.0.qcow2") }, () => true).inputs;
    const later = checkVm(olds, { ...vm, disks: disks("debian", "12.1.qcow2") }, () => true);
    expect(later).toEqual({ inputs: olds, failures: [] });
    expect(failures({ disks: disks("ubuntu", "24.qcow2") }, olds)).toEqual([
      expect.stringMatching(
        /^disks.scsi0.image: ubuntu: .* made from debian, .*write debian, or leave it out; for a disk/,
      ),
    ]);
    expect(failures({ disks: { scsi0: { storage: "local-lvm", size: "82GiB" } } }, olds)).toEqual([]);
  });

  test("a disk that was grown or moved behind our back does not block the house", () => {
    const olds = {
      ...vm,
      disks: { scsi0: { storage: "NAS", size: "100GiB", grownFrom: "82GiB" } },
    };
    expect(failures({}, olds)).toEqual([]);
    expect(failures({ disks: { scsi0: { storage: "NAS", size: "100GiB" } } }, olds)).toEqual([]);
    expect(failures({ disks: { scsi0: { storage: "NAS", size: "40GiB" } } }, olds)).toHaveLength(1);
  });

  test("what is unknown in a preview is taken for right, at any depth", () => {
    const { inputs, failures: found } = checkVm(
      {},
      {
        ...vm,
        memory: UNKNOWN,
        tags: UNKNOWN,
        nics: { net0: UNKNOWN },
        disks: { scsi0: { storage: UNKNOWN, size: UNKNOWN } },
      },
      () => true,
    );
    expect(found).toEqual([]);
    expect(inputs).toMatchObject({ memory: UNKNOWN, tags: UNKNOWN, nics: { net0: UNKNOWN } });
    expect(checkVm({}, { ...vm, disks: UNKNOWN, cloudInit: UNKNOWN }, () => false).failures).toEqual([]);
    expect(failures({ memory: UNKNOWN, vmid: 1 })).toHaveLength(1);
  });

  test("a disk of the host is refused to everybody but root's own login, unless it is there already", () => {
    const disks = { scsi1: { path: "/dev/disk/by-id/ata-4tb" } };
    expect(failures({ disks }, {}, false)[0]).toContain(
      "disks.scsi1.path: /dev/disk/by-id/ata-4tb: Proxmox lets only root",
    );
    expect(failures({ disks }, {}, true)).toEqual([]);
    expect(failures({ disks }, { ...vm, disks }, false)).toEqual([]);
  });

  test("a password or key never stands in a failure", () => {
    const found = failures({ cloudInit: { storage: "NAS", password: "hunter2" } });
    expect(found).toEqual(["cloudInit.password: no such property - check its spelling, or leave it out"]);
  });
});
