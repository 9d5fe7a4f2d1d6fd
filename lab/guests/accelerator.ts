/**
 * How guests run on this machine: with its processor's help (KVM), or emulated. Found out by trying, because a machine may
 * have a /dev/kvm under which no Linux lives; remembered until the machine's next start. Starts a QEMU for a moment.
 */
import { spawn } from "node:child_process";
import { accessSync, constants, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { ImageCache } from "./cache";
import type { Accelerator } from "./commandLine";

/** A kernel that lives gets there within two seconds; a busy machine is given more. */
const TRY_MS = 20_000;

/** A kernel without a disk has driven processor, memory, timers and buses when it says this. */
const ALIVE = /VFS: (Cannot open root device|Unable to mount root fs)/;

const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

function mayUse(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Boots the image's kernel with KVM, without a disk. */
function tryKvm({ kernel }: ImageCache): Promise<boolean> {
  const args = [
    ...["-nodefaults", "-display", "none", "-machine", "pc", "-accel", "kvm", "-cpu", "host", "-m", "512", "-smp", "2"],
    ...["-kernel", kernel, "-append", "console=ttyS0 panic=-1", "-no-reboot", "-serial", "stdio"],
  ];
  return new Promise((resolve) => {
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "qemu-system-x86_64", ...args], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const done = (works: boolean): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      resolve(works);
    };
    const timer = setTimeout(done, TRY_MS, false);
    child.once("error", () => {
      done(false);
    });
    child.once("exit", () => {
      done(false);
    });
    createInterface(child.stdout).on("line", (line) => {
      if (ALIVE.test(line)) done(true);
    });
  });
}

/** @returns `kvm` where the image's kernel really boots with it */
export async function accelerator(cache: ImageCache): Promise<Accelerator> {
  const file = join(dirname(cache.dir), "accelerator.json");
  const boot = bootId();
  try {
    const known = JSON.parse(readFileSync(file, "utf8")) as {
      readonly boot: string;
      readonly accelerator: Accelerator;
    };
    if (known.boot === boot) return known.accelerator;
  } catch {
    // Never tried, or half written.
  }
  const found = mayUse("/dev/kvm") && (await tryKvm(cache)) ? "kvm" : "tcg";
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, JSON.stringify({ boot, accelerator: found }));
  renameSync(`${file}.${process.pid}`, file);
  return found;
}
