/** VMs for tests: arbitrary canonical ones, and a pure stand-in for what Proxmox stores of the parameters it is sent. */
import fc from "fast-check";
import { canonicalInputs } from "../../../../providers/proxmox/vm/canonicalInputs";
import { parseDrive, printDrive, storageOf } from "../../../../providers/proxmox/vm/drive";
import type { VmInputs } from "../../../../providers/proxmox/vm/inputs";
import type { ObservedVm } from "../../../../providers/proxmox/vm/observed";
import { parseNic, printNic } from "../../../../providers/proxmox/vm/nic";
import { printPropertyString } from "../../../../providers/proxmox/vm/propertyString";
import type { Params } from "../../../../providers/proxmox/client";
import type { Step } from "../../../../providers/proxmox/vm/step";
import type { VmSpec } from "../../../../providers/proxmox/vm/args";
import { diskBus, isNicSlot } from "../../../../providers/proxmox/vm/slots";

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const label = fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/);
const mac = fc.stringMatching(/^BC:24:11(:[0-9A-F]{2}){3}$/);
const mib = (min: number, max: number): fc.Arbitrary<string> => fc.integer({ min, max }).map((n) => `${n}MiB`);
const flag = optional(fc.boolean());

const options = {
  cache: optional(fc.constantFrom("none", "writethrough", "writeback", "unsafe", "directsync")),
  discard: flag,
  backup: flag,
};
const disk = fc.oneof(
  fc.record({ storage: fc.constantFrom("local-lvm", "NAS"), size: mib(1, 99999).map((s) => s), ...options }),
  fc.record({ path: label.map((name) => `/dev/disk/by-id/${name}`), ...options }),
);
const nic = fc.record({
  model: optional(fc.constantFrom("virtio", "e1000", "vmxnet3")),
  bridge: fc.constantFrom("vmbr0", "vmbr1"),
  vlan: optional(fc.integer({ min: 1, max: 4094 })),
  firewall: flag,
  mac: optional(mac),
});
const cloudInit = fc.record({
  storage: fc.constantFrom("local-lvm", "NAS"),
  slot: optional(fc.constantFrom("ide2", "ide3")),
  user: optional(label),
  sshKeys: optional(
    fc.array(
      label.map((name) => `ssh-ed25519 AAAA+/=${name} it's (${name})`),
      { maxLength: 3 },
    ),
  ),
  addresses: optional(
    fc.dictionary(
      fc.constantFrom("net0", "net1"),
      fc.record({ address: fc.constantFrom("dhcp", "10.0.0.5/24"), gateway: optional(fc.constant("10.0.0.1")) }),
    ),
  ),
  nameservers: optional(fc.uniqueArray(fc.constantFrom("1.1.1.1", "9.9.9.9", "fd00::1"))),
  searchDomain: optional(label),
});

/** Any VM that `check` lets pass, as `check` passes it on. */
export const anyVm: fc.Arbitrary<VmInputs> = fc
  .record({
    node: fc.constant("pve"),
    vmid: fc.constant(100),
    uuid: fc.constant("5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9b10"),
    name: label,
    description: optional(fc.constantFrom("", "Media server", "über 100 % <b>\nline, two;")),
    tags: optional(fc.array(label, { maxLength: 4 })),
    cpu: optional(
      fc.record({
        type: optional(fc.constantFrom("host", "x86-64-v2-AES")),
        cores: fc.integer({ min: 1, max: 64 }),
        sockets: optional(fc.integer({ min: 1, max: 4 })),
      }),
    ),
    memory: mib(1024, 65536),
    balloon: optional(mib(0, 1024)),
    scsiController: optional(fc.constantFrom("virtio-scsi-single", "virtio-scsi-pci", "lsi")),
    disks: optional(fc.dictionary(fc.constantFrom("scsi0", "scsi1", "scsi10", "virtio2", "sata0"), disk)),
    nics: optional(fc.dictionary(fc.constantFrom("net0", "net1", "net31"), nic)),
    cloudInit: optional(cloudInit),
    boot: optional(fc.uniqueArray(fc.constantFrom("scsi0", "net0", "ide2"))),
    agent: flag,
    startAtBoot: flag,
    startup: optional(
      fc.record({ order: optional(fc.nat(9)), upDelay: optional(fc.nat(99)), downDelay: optional(fc.nat(99)) }),
    ),
    protection: flag,
    osType: optional(fc.constantFrom("l26", "win11", "other")),
    machine: optional(fc.constantFrom("q35", "pc-i440fx-9.2+pve1")),
    bios: optional(fc.constantFrom("seabios", "ovmf")),
    power: optional(fc.constantFrom("running", "stopped")),
    deletable: flag,
  })
  .map((spec) => canonicalInputs(spec as unknown as VmSpec));

interface Stored {
  readonly config: Readonly<Record<string, string>>;
  readonly running: boolean;
}

const GIB = 1024 ** 3;

/** As Proxmox: a new volume is allocated, what a slot held before goes to `unusedN`, the real size is appended. */
function storedDrive(text: string, slot: string, config: Record<string, string>): string {
  const drive = parseDrive(text);
  const [storage, gib] = drive.volume.split(":");
  const before = config[slot] === undefined ? undefined : parseDrive(config[slot]);
  if (gib === "cloudinit") return printDrive({ volume: `${storage}:vm-100-cloudinit`, options: { media: "cdrom" } });
  if (drive.volume.startsWith("/"))
    return printPropertyString({ ...drive.options, file: drive.volume, size: "4T" }, "file");
  const allocated = /^\d+(\.\d+)?$/.test(gib ?? "");
  const volume = allocated ? `${storageOf(drive.volume)}:vm-100-${slot}-${gib}` : drive.volume;
  const bytes = allocated ? Number(gib) * GIB : (before?.size ?? Number(/-([\d.]+)$/.exec(volume)?.[1] ?? 0) * GIB);
  return printPropertyString({ ...drive.options, file: volume, size: `${bytes / 1024}K` }, "file");
}

function set(config: Record<string, string>, key: string, value: string): void {
  if (diskBus(key)) config[key] = storedDrive(value, key, config);
  else if (isNicSlot(key)) {
    const nicConfig = parseNic(value);
    config[key] = printNic({ ...nicConfig, mac: nicConfig.mac ?? "BC:24:11:AA:BB:CC" });
  } else config[key] = value;
  for (const [unused, volume] of Object.entries(config))
    if (unused.startsWith("unused") && volume === parseDrive(config[key] ?? "").volume)
      Reflect.deleteProperty(config, unused);
}

function remove(config: Record<string, string>, key: string): void {
  const drive = diskBus(key) ? parseDrive(config[key] ?? "") : undefined;
  Reflect.deleteProperty(config, key);
  if (drive && !drive.volume.startsWith("/") && drive.options.media !== "cdrom") {
    const index = [...Array(99).keys()].find((n) => config[`unused${n}`] === undefined) ?? 0;
    config[`unused${index}`] = drive.volume;
  }
}

/** What Proxmox would hold after `POST /nodes/pve/qemu`. */
export function created(params: Params): Stored {
  const config: Record<string, string> = {};
  for (const [key, value] of Object.entries(params)) {
    if (key === "start" || key === "vmid" || value === undefined) continue;
    set(config, key, String(value));
  }
  return { config, running: params.start === true };
}

/** What it would hold after one step. */
export function applied(stored: Stored, step: Step): Stored {
  const config = { ...stored.config };
  if (step.kind === "power") return { config, running: step.action === "start" };
  if (step.kind === "resize") {
    const drive = parseDrive(config[step.disk] ?? "");
    config[step.disk] = printPropertyString(
      { ...drive.options, file: drive.volume, size: `${step.bytes / 1024}K` },
      "file",
    );
    return { config, running: stored.running };
  }
  if (step.kind === "move") {
    const drive = parseDrive(config[step.disk] ?? "");
    const file = `${step.storage}:vm-100-moved-${step.disk}`;
    config[step.disk] = printPropertyString({ ...drive.options, file, size: `${(drive.size ?? 0) / 1024}K` }, "file");
    return { config, running: stored.running };
  }
  for (const key of step.delete) remove(config, key);
  for (const [key, value] of Object.entries(step.set)) set(config, key, value);
  return { config, running: stored.running };
}

export function observed({ config, running }: Stored): ObservedVm {
  return {
    node: "pve",
    wanted: config,
    live: config,
    pending: [],
    digest: "d",
    status: running ? "running" : "stopped",
  };
}
