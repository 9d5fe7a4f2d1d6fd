/** What QEMU is told to make a machine of. The same arguments are needed to load a snapshot of it again. Pure. */
import { parseMac } from "./configText";

type Config = Readonly<Record<string, string>>;

/** The lab is not the house's server: a guest gets this much, whatever its VM has. Docker at work with four stacks takes 660. */
export const MEMORY_MIB = 1024;

/**
 * Of translated code: Docker's programs fill a quarter of that again and again, and each time all of it is translated anew;
 * with this much, four stacks are up after 250 seconds of processor time instead of 370. More brings nothing.
 */
const TRANSLATED_MIB = 1024;

export type Accelerator = "kvm" | "tcg";

/**
 * An emulated core needs one of this machine's. A second one costs more than it brings: what both share is guarded at each
 * access, and one alone starts Docker in two thirds of the time.
 */
export const CORES: Readonly<Record<Accelerator, number>> = { kvm: 2, tcg: 1 };

/** A card's cable into the lab's switch. */
export const cardBackend = (id: string, lan: string): string =>
  `stream,id=${id},server=off,addr.type=unix,addr.path=${lan}`;

export interface Drive {
  /** `scsi0` */
  readonly slot: string;
  readonly file: string;
}

export interface Hardware {
  readonly vmid: number;
  readonly config: Config;
  readonly accelerator: Accelerator;
  /** Disks, the one to boot from first. */
  readonly drives: readonly Drive[];
  readonly cdrom?: string;
  /** Path of the switch's socket. */
  readonly lan: string;
  /** Files below the machine's folder. */
  readonly console: string;
  readonly agentSocket: string;
  /** @default MEMORY_MIB */
  readonly memoryMib?: number;
}

/**
 * What programs take for fast where it is there, and what is slow emulated: wide vectors, copies byte by byte in one
 * instruction, a fifth level of page tables. Without them Docker and Compose take a fifth less.
 */
const SLOW_EMULATED = ["avx", "avx2", "f16c", "erms", "fsrm", "la57"].map((flag) => `,${flag}=off`).join("");

const ACCELERATION: Readonly<Record<Accelerator, readonly string[]>> = {
  kvm: ["-accel", "kvm", "-cpu", "host"],
  tcg: ["-accel", `tcg,thread=single,tb-size=${TRANSLATED_MIB}`, "-cpu", `max${SLOW_EMULATED}`],
};

function drive({ slot, file }: Drive, index: number): string[] {
  const backend = `file=${file},format=qcow2,if=none,id=drive-${slot},discard=unmap,cache=unsafe`;
  const boot = index === 0 ? ",bootindex=0" : "";
  const device = slot.startsWith("virtio")
    ? `virtio-blk-pci,drive=drive-${slot},id=${slot}${boot}`
    : `scsi-hd,bus=scsihw0.0,drive=drive-${slot},id=${slot}${boot}`;
  return ["-drive", backend, "-device", device];
}

function nic(key: string, value: string, lan: string): string[] {
  // Whatever the model, a paravirtual card: the image's kernel has no other drivers.
  const device = `virtio-net-pci,netdev=${key},id=${key},mac=${parseMac(value)}`;
  return ["-netdev", cardBackend(key, lan), "-device", device];
}

/** Without what QEMU's process is told (qemuProcess.ts). */
export function commandLine(hardware: Hardware): string[] {
  const { vmid, config, accelerator, drives, cdrom, lan, console, agentSocket, memoryMib = MEMORY_MIB } = hardware;
  const uuid = /(?:^|,)uuid=([^,]+)/.exec(config.smbios1 ?? "")?.[1];
  const nics = Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .sort();
  return [
    ...["-name", `vm-${vmid}`, "-machine", "pc", ...ACCELERATION[accelerator]],
    ...["-smp", String(CORES[accelerator]), "-m", String(memoryMib)],
    ...(uuid === undefined ? [] : ["-uuid", uuid]),
    ...["-device", "virtio-rng-pci", "-device", "virtio-scsi-pci,id=scsihw0"],
    ...drives.flatMap(drive),
    ...(cdrom === undefined ? [] : ["-drive", `file=${cdrom},media=cdrom,if=ide,format=raw,readonly=on`]),
    ...nics.flatMap((key) => nic(key, config[key] ?? "", lan)),
    ...["-serial", `file:${console}`],
    ...["-device", "virtio-serial", "-chardev", `socket,path=${agentSocket},server=on,wait=off,id=agent`],
    ...["-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"],
  ];
}
