/**
 * The lab in the background: started, found again, stopped, begun anew. One lab a folder; everything it has lies there.
 * Starts and ends processes of its own, and nothing else.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { TAKEN } from "./claim";
import { LabFolder, type LabRecord, type LabSettings } from "./folder";
import { probe } from "./probe";
import { isAlive, isLabOf } from "./processes";

export interface LabStatus {
  /** `stale`: a record is left of a lab that is gone, or that no longer answers. */
  readonly state: "running" | "stopped" | "stale";
  readonly dir: string;
  readonly log: string;
  /** Of the running lab, or of the one that is gone. */
  readonly record?: LabRecord;
}

export interface LabOptions extends LabSettings {
  readonly dir: string;
}

const START_MS = 20_000;
const STOP_MS = 5_000;

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** Polls until `done` gives something, at most for `ms`. */
async function within<T>(ms: number, done: () => Promise<T | undefined> | T | undefined): Promise<T | undefined> {
  const deadline = Date.now() + ms;
  for (;;) {
    const value = await done();
    if (value !== undefined || Date.now() > deadline) return value;
    await pause(50);
  }
}

/** Whether a lab runs for this folder. Asks it, rather than trusting a process number. */
export async function labStatus({ dir }: { readonly dir: string }): Promise<LabStatus> {
  const folder = new LabFolder(dir);
  const record = folder.readRecord();
  const about = { dir: folder.path, log: folder.log };
  if (!record) return { state: "stopped", ...about };
  const answer = await probe(folder, record);
  return { state: answer?.pid === record.pid && isWhole(record) ? "running" : "stale", ...about, record };
}

/** A lab that an earlier version of this program started, without clouds or SSH, is one to start anew. */
const isWhole = ({ clouds, ssh }: Partial<LabRecord>): boolean => clouds !== undefined && ssh !== undefined;

const isSame = (folder: LabFolder, wanted: LabSettings, key: "inside" | "real"): boolean =>
  wanted[key] === undefined || JSON.stringify(folder.readSettings()[key]) === JSON.stringify(wanted[key]);

function launch(folder: LabFolder): ChildProcess {
  const log = openSync(folder.log, "a", 0o600);
  const main = resolve(__dirname, "main.js");
  const child = spawn(process.execPath, [main, "--dir", folder.path], { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  child.unref();
  return child;
}

const logTail = (folder: LabFolder): string =>
  readFileSync(folder.log, "utf8").trimEnd().split("\n").slice(-10).join("\n");

/** Starts the lab, or finds the one that runs with the guests that are wanted. @throws with the log's tail where it does not come up within 20 s */
export async function startLab({ dir, ...settings }: LabOptions): Promise<LabStatus & { readonly record: LabRecord }> {
  const found = await labStatus({ dir });
  const folder = new LabFolder(dir);
  const isWanted = settings.guests === undefined || settings.guests === (found.record?.guests ?? "simulated");
  // Another house looks into other VMs: they are there with the next start, and what there is stays.
  const isFor = isSame(folder, settings, "inside") && isSame(folder, settings, "real");
  if (found.state === "running" && found.record && isWanted && isFor) return { ...found, record: found.record };
  if (found.state !== "stopped") await stopLab({ dir });
  folder.make();
  folder.writeSettings({ ...settings, guests: settings.guests ?? folder.readSettings().guests });
  const child = launch(folder);
  let ended: number | undefined;
  child.once("exit", (code) => (ended = code ?? 1));
  child.once("error", () => (ended = 1));
  const started = await within(START_MS, async () => {
    const { state, record, ...about } = await labStatus({ dir });
    if (state === "running" && record) return { state, record, ...about };
    // Another start was quicker: its lab is the one to wait for.
    return ended === undefined || ended === TAKEN ? undefined : ("ended" as const);
  });
  if (started === undefined || started === "ended") {
    const why = started ? "its process ended" : `no answer within ${START_MS / 1000} s`;
    throw new Error(`The lab did not start (${why}). The end of ${folder.log}:\n${logTail(folder)}`);
  }
  // One that was slower must not come up later, when the folder is free again and nobody knows of it.
  if (started.record.pid !== child.pid) child.kill();
  return started;
}

/** Ends the lab and waits until it is gone. A number that is another process's by now is left alone. */
export async function stopLab({ dir }: { readonly dir: string }): Promise<LabStatus> {
  const folder = new LabFolder(dir);
  const { state, record } = await labStatus({ dir });
  const pid = record?.pid;
  if (pid !== undefined && (state === "running" || isLabOf(folder, pid))) {
    process.kill(pid, "SIGTERM");
    const gone = (): true | undefined => (isAlive(pid) ? undefined : true);
    if (!(await within(STOP_MS, gone))) {
      process.kill(pid, "SIGKILL");
      await within(STOP_MS, gone);
    }
  }
  for (const path of [folder.record, folder.claim]) rmSync(path, { force: true });
  return labStatus({ dir });
}

/** Begins anew: everything that was made in the lab is gone; its address, certificate and settings stay. */
export async function resetLab({ dir }: { readonly dir: string }): Promise<LabStatus> {
  const before = await labStatus({ dir });
  await stopLab({ dir });
  const folder = new LabFolder(dir);
  const { state, clouds, guests, inside, node } = folder;
  for (const path of [state, clouds, guests, inside, node, `${node}.owners.json`])
    rmSync(path, { recursive: true, force: true });
  return before.state === "running" ? startLab({ dir, ...folder.readSettings() }) : labStatus({ dir });
}
