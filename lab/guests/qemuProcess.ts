/**
 * A QEMU process of the lab: started so that it can't outlive who started it, with its monitor. Starts and ends that
 * process; writes its socket and its log.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { openMonitor, type Monitor } from "./qmp";

export interface QemuProcess {
  readonly pid: number;
  readonly monitor: Monitor;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  /** Pulls the plug, and resolves when it is gone. */
  kill(): Promise<void>;
}

const MONITOR_MS = 20_000;
const PROGRAM = "qemu-system-x86_64";

interface Launch {
  /** Path of the monitor's socket: 107 characters at most. */
  readonly monitor: string;
  /** Path of the file that takes what QEMU says. */
  readonly log: string;
  readonly args: readonly string[];
  readonly onEvent?: (name: string) => void;
}

/** @throws Error with what QEMU said where it does not start */
export async function launchQemu({ monitor: socket, log, args, onEvent }: Launch): Promise<QemuProcess> {
  rmSync(socket, { force: true });
  const output = openSync(log, "w", 0o600);
  const qemu = [PROGRAM, "-nodefaults", "-display", "none", "-qmp", `unix:${socket},server=on,wait=off`, ...args];
  // The kernel ends it when the lab's process is gone, however that ended. A group of its own: Ctrl-C is not for it.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", ...qemu], {
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  const process = { isGone: false };
  const ended = new Promise<void>((done) => {
    const gone = (): void => {
      process.isGone = true;
      done();
    };
    child.once("exit", gone);
    child.once("error", gone);
  });
  const kill = async (): Promise<void> => {
    if (!process.isGone) child.kill("SIGKILL");
    await ended;
  };
  // QEMU makes its socket before it does anything else, and tells nobody.
  for (const deadline = Date.now() + MONITOR_MS; !process.isGone && Date.now() < deadline;) {
    const monitor = await openMonitor(socket, onEvent).catch(() => undefined);
    if (monitor) return { pid: child.pid ?? 0, monitor, ended, kill };
    await pause(20);
  }
  await kill();
  throw new Error(`QEMU did not start: ${readFileSync(log, "utf8").trim().slice(-1000) || "it said nothing"}`);
}
