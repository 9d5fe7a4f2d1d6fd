/** What a machine and the guests' router are made of, by the configuration of the VM. */
import { commandLine, CORES, MEMORY_MIB, type Hardware } from "../../../lab/guests/commandLine";
import { bootDisk, diskSlots, hasCloudInit } from "../../../lab/guests/configText";
import { imageSteps } from "../../../lab/guests/imageSteps";
import { RECIPE, recipeHash } from "../../../lab/guests/recipe";
import { routerArguments } from "../../../lab/guests/router";
import { addressOf, subnetOf } from "../../../lab/guests/subnet";

const CONFIG = {
  ...{ cores: "24", memory: "98304", boot: "order=ide2;scsi1;net0" },
  ...{ scsi0: "local-lvm:vm-100-disk-1,size=4T", scsi1: "local-lvm:vm-100-disk-0,size=82G" },
  ...{ ide2: "local-lvm:vm-100-cloudinit,media=cdrom", scsi10: "local-lvm:vm-100-disk-2,size=1G" },
  ...{ net0: "virtio=BC:24:11:00:01:00,bridge=vmbr0", smbios1: "uuid=c88a0594-ca98-42cf-895e-96af20ddc221" },
};

const hardware: Hardware = {
  ...{ vmid: 100, config: CONFIG, accelerator: "tcg", lan: "/run/lan", console: "/c.log", agentSocket: "/run/agent" },
  drives: [
    { slot: "scsi1", file: "/d/scsi1.qcow2" },
    { slot: "scsi0", file: "/d/scsi0.qcow2" },
  ],
  cdrom: "/d/cloud-init.iso",
};

test("a machine has the lab's memory and cores, whatever its VM has", () => {
  const line = commandLine(hardware).join(" ");
  expect(line).toContain(`-smp ${CORES.tcg} -m ${MEMORY_MIB} `);
  expect(line).not.toMatch(/98304|24,/);
  expect(commandLine({ ...hardware, memoryMib: 384 }).join(" ")).toContain("-m 384 ");
});

test("its cards and its uuid are the VM's; it boots from the first drive only", () => {
  const line = commandLine(hardware).join(" ");
  expect(line).toContain("virtio-net-pci,netdev=net0,id=net0,mac=BC:24:11:00:01:00");
  expect(line).toContain("-uuid c88a0594-ca98-42cf-895e-96af20ddc221");
  expect(line.match(/\S+bootindex=0/g)).toEqual(["scsi-hd,bus=scsihw0.0,drive=drive-scsi1,id=scsi1,bootindex=0"]);
  expect(commandLine({ ...hardware, cdrom: undefined }).join(" ")).not.toContain("media=cdrom");
});

test("the boot disk is the first disk of the boot order, else the first there is; a CD is none", () => {
  expect(diskSlots(CONFIG)).toEqual(["scsi0", "scsi1", "scsi10"]);
  expect(bootDisk(CONFIG)).toBe("scsi1");
  expect(bootDisk({ ...CONFIG, boot: "order=net0" })).toBe("scsi0");
  expect(bootDisk({ ide2: CONFIG.ide2 })).toBeUndefined();
  expect([hasCloudInit(CONFIG), hasCloudInit({ scsi0: CONFIG.scsi0 })]).toEqual([true, false]);
});

test.each([
  ["ip=192.168.86.172/24,gw=192.168.86.1", { cidr: "192.168.86.0/24", gateway: "192.168.86.1" }, "192.168.86.172"],
  ["ip=10.1.2.3/16,gw=10.1.0.254", { cidr: "10.1.0.0/16", gateway: "10.1.0.254" }, "10.1.2.3"],
  ["ip=10.1.2.3/24", { cidr: "10.1.2.0/24", gateway: "10.1.2.1" }, "10.1.2.3"],
  ["ip=dhcp", { cidr: "192.168.86.0/24", gateway: "192.168.86.1" }, undefined],
])("%s is in the network %j", (ipconfig0, subnet, address) => {
  expect(subnetOf({ ipconfig0 })).toEqual(subnet);
  expect(addressOf({ ipconfig0 })).toBe(address);
});

test("the router answers as the house's name server, and never takes the gateway's address for its own", () => {
  const user = (gateway: string) => routerArguments({ cidr: "192.168.86.0/24", gateway }, "/run/lan")[3];
  expect(user("192.168.86.1")).toBe("user,id=nat,ipv6=off,net=192.168.86.0/24,host=192.168.86.254,dns=192.168.86.1");
  expect(user("192.168.86.254")).toContain("host=192.168.86.253,dns=192.168.86.254");
});

test("another recipe is another image, and what its files hold belongs to root before it goes in", () => {
  expect(recipeHash(RECIPE)).toBe(recipeHash({ ...RECIPE }));
  expect(recipeHash({ ...RECIPE, packages: [...RECIPE.packages, "vim"] })).not.toBe(recipeHash(RECIPE));
  const programs = imageSteps(RECIPE, "/draft").map(({ program }) => program);
  expect(programs.indexOf("chown")).toBeLessThan(programs.indexOf("mmdebstrap"));
  expect(programs.at(-1)).toBe("qemu-img");
});
