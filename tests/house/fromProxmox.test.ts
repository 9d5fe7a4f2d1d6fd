/** Every recorded VM configuration becomes an entry of a house, and most say exactly what is there. */
import { vmArgs } from "../../components/vmArgs";
import { vmEntry, type VmEntry } from "../../house/fromProxmox/vmEntry";
import { parseHouse } from "../../house/house";
import { declarable } from "../../house/unknowns";
import { describeVm } from "../../providers/proxmox/adopt/describeVm";
import { sentence, whichCount } from "../../providers/proxmox/adopt/differing";
import { differences } from "../../providers/differences";
import { checkVm } from "../../providers/proxmox/vm/check";
import type { Config } from "../../providers/proxmox/vm/config";
import { fromApi } from "../../providers/proxmox/vm/fromApi";
import { formatProblem } from "../../values/problem";
import { sharedPath } from "../support/shared";
import { configurations, type Configuration } from "./configurations";

const network = { cidr: "192.168.86.0/24", gateway: 1 };

const entryOf = ({ vmid, config }: Configuration): VmEntry =>
  vmEntry(describeVm(vmid, config), "stopped", network, new Set());

/** What the house made from a configuration says otherwise than the configuration; empty where nothing. */
function faults(config: Config, { name, entry }: VmEntry): string[] {
  const sections = { hypervisor: { node: "pve", address: 106 }, network, vms: { [name]: entry } };
  const parsed = parseHouse({ sections });
  if ("problems" in parsed) return parsed.problems.map(formatProblem);
  const vm = declarable(parsed.house)[name];
  if (!vm) return ["is not declared"];
  const { inputs, failures } = checkVm(
    {},
    vmArgs(parsed.house, vm, "00000000-0000-5000-8000-000000000000"),
    () => true,
  );
  if (failures.length > 0) return failures.map(({ property, reason }) => `${property}: ${reason}`);
  const observed = { node: "pve", status: "stopped", wanted: config, live: config, pending: [] } as const;
  return whichCount(differences(fromApi(observed, inputs, {}), inputs)).map(sentence);
}

const pve = sharedPath("pve");
const recorded = pve === undefined ? test.skip : test;
if (pve === undefined) console.log("skipped: no recorded configurations (../shared/pve, or INFINITY_SHARED)");

/** Pinned: they may only rise. */
const PINNED = { all: 292, clean: 212, nameless: 80 };

recorded("each recorded configuration becomes a house that says exactly what is there", () => {
  const all = configurations(pve ?? "", { invalid: false });
  const judged = all.map((one) => ({ ...one, faults: faults(one.config, entryOf(one)) }));
  const clean = judged.filter(({ faults: found }) => found.length === 0);
  // The house gives each VM a name: of one without, nothing else may differ.
  const nameless = judged.filter(
    ({ config, faults: found }) =>
      config.name === undefined && found.length === 1 && found[0]?.startsWith("name: is none"),
  );
  const rest = judged.filter((one) => one.faults.length > 0 && !nameless.includes(one));
  console.log(
    `${all.length} configurations: ${clean.length} clean, ${nameless.length} but for the name that they lack`,
  );
  expect(rest.map(({ from, vmid, faults: found }) => `${from} ${vmid}: ${found.join("; ")}`)).toEqual([]);
  expect({ all: all.length, clean: clean.length, nameless: nameless.length }).toEqual(PINNED);
});

recorded("lines that Proxmox itself skips break nothing", () => {
  const all = configurations(pve ?? "", { invalid: true });
  const entries = all.map(entryOf);
  expect(entries.every(({ entry }) => "vmid" in entry && "memory" in entry)).toBe(true);
});

recorded("whatever a configuration holds is in the entry or among what is left out", () => {
  const keys = (config: Config) => Object.keys(config).filter((key) => (config[key] ?? "").trim() !== "");
  // Said by a property of another name, by none where it is as always (net0), or nobody's choice.
  const elsewhere =
    /^(digest|meta|vmgenid|snaptime|snapstate|vmstate|running.*|template|smbios1|name|boot|cores|sockets|cpu|memory|onboot|ostype|scsihw|ci[a-z]+|ipconfig\d+|sshkeys|nameserver|searchdomain|ide\d|net0)$/;
  const lost = configurations(pve ?? "", { invalid: false }).flatMap((one) => {
    const { entry, leftOut } = entryOf(one);
    const text = JSON.stringify([entry, leftOut]);
    return keys(one.config).filter((key) => !elsewhere.test(key) && !text.includes(key));
  });
  expect([...new Set(lost)]).toEqual([]);
});

const entry = (config: Config, given = network): VmEntry =>
  vmEntry(describeVm(100, config), "stopped", given, new Set());

test("an entry is what a person would have written", () => {
  expect(
    entry({
      name: "Media-1",
      cores: "2",
      memory: "8192",
      scsi0: "local-lvm:vm-100-disk-0,size=82G",
      net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0",
      ide2: "local-lvm:vm-100-cloudinit,media=cdrom",
      ipconfig0: "gw=192.168.86.1,ip=192.168.86.172/24",
      boot: "order=scsi0;ide2;net0",
      meta: "creation-qemu=9.2.0,ctime=1",
    }),
  ).toEqual({
    name: "media-1",
    entry: {
      vmid: 100,
      hostname: "Media-1",
      state: "stopped",
      address: 172,
      cpu: { cores: 2 },
      memory: "8GiB",
      disks: { scsi0: { storage: "local-lvm", size: "82GiB" } },
      cloudInit: { storage: "local-lvm" },
    },
    leftOut: [],
  });
});

const least = { name: "one", memory: "512" };

test.each<[string, Config, RegExp]>([
  ["a device handed through", { hostpci0: "0000:01:00.0,pcie=1" }, /hostpci0 0000:01:00\.0,pcie=1 a PCI device/],
  ["an option without a word", { scsi0: "a1:v,aio=native,size=1G" }, /scsi0 aio=native/],
  ["a disk of unknown size", { scsi0: "a1:v" }, /scsi0 a1:v .*size/],
  ["a disk of half a MiB", { scsi0: "a1:v,size=512K" }, /disks\.scsi0 .*whole MiB/],
  ["a NIC on no bridge", { net0: "virtio=BC:24:11:00:00:01" }, /net0 .*no bridge/],
  ["a lock", { lock: "backup" }, /lock backup a job/],
  ["snapshots", { parent: "before" }, /parent before it has snapshots/],
  ["a detached volume", { unused0: "a1:v" }, /unused0 a1:v/],
  ["a password", { cipassword: "**********" }, /cipassword {2}a password/],
  ["more RAM kept than there is", { balloon: "1024" }, /balloon .*more than memory/],
  ["a boot order of another device", { boot: "order=hostpci0" }, /boot .*no such device|boot .*slots/],
  ["an unknown key", { newkey: "1" }, /newkey 1 the house has no word/],
])("%s is left out, and said", (_what, config, shown) => {
  const { entry: written, leftOut } = entry({ ...least, ...config });
  expect(leftOut.map(({ key, value = "", why }) => `${key} ${value} ${why}`).join("\n")).toMatch(shown);
  expect(faults({ ...least, ...config }, { name: "one", entry: written, leftOut })).toEqual([]);
});

test.each<[string, Config]>([
  ["an address in another network", { ipconfig0: "ip=10.0.0.5/24,gw=10.0.0.1" }],
  ["another gateway", { ipconfig0: "ip=192.168.86.5/24,gw=192.168.86.254" }],
  ["an address on the second NIC", { ipconfig0: "ip=dhcp", ipconfig1: "ip=192.168.86.5/24" }],
  ["no address", {}],
])("cloud-init with %s can't be said, and is left out as a whole", (_what, config) => {
  const drive = { ...least, ide2: "a1:vm-100-cloudinit,media=cdrom" };
  const { entry: written, leftOut } = entry({ ...drive, ...config });
  expect(written.cloudInit).toBeUndefined();
  expect(leftOut.map(({ key }) => key)).toEqual(["cloudInit"]);
});

test("two VMs of one name have two short names", () => {
  const described = describeVm(101, { ...least });
  expect(vmEntry(described, "stopped", undefined, new Set(["one"])).name).toBe("one-101");
});
