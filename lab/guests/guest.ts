/** One guest that runs: its machine, its agent, its console. Starts and ends one process, in a folder of its own. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { MachineSpec } from "../proxmox/machines";
import { Agent } from "./agent";
import { cloudInitFiles, type NodeDns } from "./cloudInitFiles";
import { commandLine, type Accelerator } from "./commandLine";
import { hasCloudInit } from "./configText";
import { driveFiles, ensureDisks, writeCd } from "./disks";
import { launchQemu, type QemuProcess } from "./qemuProcess";
import { STAND_INS } from "./recipe";
import { READY, snapshotKey, type Snapshots } from "./snapshots";

export interface Guest {
  readonly spec: MachineSpec;
  readonly pid: number;
  /** `new`: it boots for the first time; `kept`: it goes on from where one like it was kept; `own`: from its own disks. */
  readonly origin: "new" | "kept" | "own";
  /** Path of what it said on its serial line since it was started. */
  readonly console: string;
  readonly agent: Agent;
  readonly ended: Promise<void>;
  /** Asks the system to shut down, as a short press of the power button does. @returns whether it did in time */
  shutdown(timeoutMs: number): Promise<boolean>;
  reset(): Promise<void>;
  /** Pulls the cables of its cards, or puts them back. */
  cable(isIn: boolean): Promise<void>;
  /** Keeps it as it is now: the next machine made of the same goes on from there. The guest stands still for a moment. */
  snapshot(): Promise<void>;
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
  readonly snapshots: Snapshots;
  /** Archive of the images that its Docker has from the start. */
  readonly standIns: (vmid: number) => Buffer | undefined;
  /** Cloud-init data that are not Proxmox's. */
  readonly vendorData?: string;
  /** @default what every guest gets */
  readonly memoryMib?: number;
}

const within = async (ended: Promise<void>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((done) => (timer = setTimeout(done, ms, false)));
  const inTime = await Promise.race([ended.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
};

/** What is on the monitor when something went wrong; `savevm` and its like say nothing when they are done. */
async function told({ monitor }: QemuProcess, line: string): Promise<void> {
  const answer = (await monitor.human(line)).trim();
  if (answer !== "") throw new Error(`${line}: ${answer}`);
}

/** A guest that was kept still has the time at which it was. */
async function setClock(agent: Agent): Promise<void> {
  await agent.ask("set-time", { time: Date.now() * 1e6 }).catch(() => undefined);
}

/** Beside the cloud-init data. What is kept is told from another by the sum. */
function standInFiles(archive: Buffer | undefined): {
  readonly sums: Readonly<Record<string, string>>;
  readonly archives: Readonly<Record<string, Buffer>>;
} {
  if (archive === undefined) return { sums: {}, archives: {} };
  const sum = createHash("sha256").update(archive).digest("hex");
  return { sums: { [`${STAND_INS}.sum`]: `${sum}\n` }, archives: { [STAND_INS]: archive } };
}

/** @param dir of this guest alone; its disks there outlive the run. @throws with QEMU's words where it does not start */
export async function startGuest(dir: string, spec: MachineSpec, host: GuestHost): Promise<Guest> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { vmid, config, disks } = spec;
  const { accelerator, lan, run, image, snapshots } = host;
  const standIns = standInFiles(host.standIns(vmid));
  const vendor: Readonly<Record<string, string>> =
    host.vendorData === undefined ? {} : { "vendor-data": host.vendorData };
  const cloudInit = hasCloudInit(config)
    ? { ...cloudInitFiles(config, vmid, host.dns), ...vendor, ...standIns.sums }
    : undefined;
  const cdrom = cloudInit && (await writeCd(dir, { ...cloudInit, ...standIns.archives }));
  const [console, agentSocket] = [join(dir, "console.log"), join(run, `${vmid}.agent`)];
  const drives = driveFiles(dir, spec);
  const args = commandLine({
    ...{ vmid, config, accelerator, drives, cdrom, lan, console, agentSocket },
    memoryMib: host.memoryMib,
  });
  const key = snapshotKey({ image: basename(dirname(image)), args, cloudInit: cloudInit ?? {}, disks });
  const isNew = !drives.some(({ file }) => existsSync(file));
  const isKept = isNew && drives.length > 0 && (await snapshots.restore(key, dir));
  await ensureDisks(drives, spec, image);
  const more = isKept ? ["-loadvm", READY] : [];
  const qemu = await launchQemu({
    monitor: join(run, `${vmid}.monitor`),
    log: join(dir, "qemu.log"),
    args: [...args, ...more],
  });
  const agent = new Agent(agentSocket);
  if (isKept) await setClock(agent);
  return {
    spec,
    pid: qemu.pid,
    origin: isKept ? "kept" : isNew ? "new" : "own",
    console,
    agent,
    ended: qemu.ended,
    shutdown: async (timeoutMs) => {
      await qemu.monitor.execute("system_powerdown").catch(() => undefined);
      return within(qemu.ended, timeoutMs);
    },
    reset: async () => {
      await qemu.monitor.execute("system_reset");
    },
    cable: async (isIn) => {
      for (const name of Object.keys(config).filter((key) => /^net\d+$/.test(key)))
        await qemu.monitor.execute("set_link", { name, up: isIn });
    },
    snapshot: async () => {
      await qemu.monitor.execute("stop");
      try {
        await told(qemu, `savevm ${READY}`);
        await snapshots.keep(
          key,
          drives.map(({ file }) => file),
        );
        await told(qemu, `delvm ${READY}`);
      } finally {
        await qemu.monitor.execute("cont");
      }
    },
    kill: () => qemu.kill(),
  };
}
