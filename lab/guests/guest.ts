/** One guest that runs: its machine, its agent, its console. Starts and ends one process, in a folder of its own. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { MachineSpec } from "../proxmox/machines";
import { Agent } from "./agent";
import { cloudInitFiles, type NodeDns } from "./cloudInitFiles";
import { commandLine, type Accelerator } from "./commandLine";
import { hasCloudInit } from "./configText";
import { ensureDisks, writeCd } from "./disks";
import { launchQemu, type QemuProcess } from "./qemuProcess";

export interface Guest {
  readonly spec: MachineSpec;
  readonly pid: number;
  /** Path of what it said on its serial line since it was started. */
  readonly console: string;
  readonly agent: Agent;
  readonly ended: Promise<void>;
  /** Asks the system to shut down, as a short press of the power button does. @returns whether it did in time */
  shutdown(timeoutMs: number): Promise<boolean>;
  reset(): Promise<void>;
  kill(): Promise<void>;
}

/** What guests of one lab have in common. */
export interface GuestHost {
  readonly image: string;
  readonly accelerator: Accelerator;
  /** Path of the switch's socket. */
  readonly lan: string;
  /** Folder of sockets. */
  readonly run: string;
  readonly dns: NodeDns;
}

const within = async (ended: Promise<void>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((done) => (timer = setTimeout(done, ms, false)));
  const inTime = await Promise.race([ended.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
};

/** @param dir of this guest alone; its disks there outlive the run. @throws with QEMU's words where it does not start */
export async function startGuest(dir: string, spec: MachineSpec, host: GuestHost): Promise<Guest> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { vmid, config } = spec;
  const drives = await ensureDisks(dir, spec, host.image);
  const cdrom = hasCloudInit(config) ? await writeCd(dir, cloudInitFiles(config, vmid, host.dns)) : undefined;
  const console = join(dir, "console.log");
  const { accelerator, lan, run } = host;
  const agentSocket = join(run, `${vmid}.agent`);
  const args = commandLine({ vmid, config, accelerator, drives, cdrom, lan, console, agentSocket });
  const qemu: QemuProcess = await launchQemu({
    monitor: join(run, `${vmid}.monitor`),
    log: join(dir, "qemu.log"),
    args,
  });
  return {
    spec,
    pid: qemu.pid,
    console,
    agent: new Agent(agentSocket),
    ended: qemu.ended,
    shutdown: async (timeoutMs) => {
      await qemu.monitor.execute("system_powerdown").catch(() => undefined);
      return within(qemu.ended, timeoutMs);
    },
    reset: async () => {
      await qemu.monitor.execute("system_reset");
    },
    kill: () => qemu.kill(),
  };
}
