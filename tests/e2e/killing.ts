/**
 * A run of the real engine that is killed at one call to the simulated Proxmox, and what is left of it. The call waits in the
 * server until the processes are gone: nothing is timed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { LabGuest } from "../../lab/guest/guest";
import type { FaultMatch, Faults } from "../../lab/proxmox/faults";
import type { World as Proxmox } from "../../lab/proxmox/world";
import { projectRoot } from "../support/shared";
import type { World } from "./world";

export interface Kill {
  /** Of the calls that change something, counted from 1. */
  readonly nth: number;
  /** Before the server acted on the call, or after it did and before it answered. */
  readonly when: "before" | "after";
  /**
   * All processes of the run, as in a power cut; or the engine's alone: its provider and program are orphans then, and still
   * at work. The engine gives each of them a process group of its own, so that killing its group is the latter.
   */
  readonly who: "everybody" | "the engine";
}

export const describeKill = ({ nth, when, who }: Kill): string => `${who} killed ${when} call ${nth}`;

export interface Saved {
  readonly world: Proxmox;
}

const stateOf = ({ dir }: World): string => join(dir, "state");
const savedOf = ({ dir }: World): string => join(dir, "state.saved");

/** Keeps the servers and the stack's state as they are, for {@link restore}. */
export function save(world: World): Saved {
  cpSync(stateOf(world), savedOf(world), { recursive: true });
  return { world: structuredClone(world.proxmox.world) };
}

export function restore(world: World, saved: Saved): void {
  rmSync(stateOf(world), { recursive: true });
  cpSync(savedOf(world), stateOf(world), { recursive: true });
  Object.assign(world.proxmox.world, structuredClone(saved.world));
}

/** A server that holds a call for whoever kills its run. */
interface Holding {
  readonly faults: Faults;
  readonly calls: { readonly list: readonly { readonly method: string; readonly path: string }[] };
}

/**
 * @param server that is called. @param match the calls that are counted. @default those that change Proxmox
 * @returns the call at which `pulumi up` was killed. @throws Error where it ended before.
 */
export async function killUp(
  world: World,
  { nth, when, who }: Kill,
  server: Holding = world.proxmox,
  match: FaultMatch = { method: "*" },
): Promise<string> {
  world.proxmox.calls.reset();
  const { ended, kill } = begunUp(world, who);
  let hit: string | undefined;
  const answered = new Promise<void>((resolve) => {
    server.faults.add({
      kind: "hold",
      match: { ...match, nth },
      when: when === "before" ? "arrived" : "acted",
      until: async () => {
        const last = server.calls.list.at(-1);
        hit = `${last?.method ?? ""} ${last?.path ?? ""}`;
        await kill();
        resolve();
        // What nobody waits for any more may never have reached the server; an orphan's call goes on.
        return who === "everybody" ? "drop" : "go on";
      },
    });
  });
  await Promise.race([answered, ended]);
  server.faults.clear();
  if (hit === undefined) throw new Error(`the run ended before its changing call ${nth}`);
  return hit;
}

interface Begun {
  readonly ended: Promise<unknown>;
  /** Ends the run there. */
  readonly kill: () => Promise<void>;
}

function begunUp(world: World, who: Kill["who"]): Begun {
  const { stack } = world;
  const args = [...stack.arguments(["up", "--yes", "--skip-preview"]), "--non-interactive"];
  const run = spawn("pulumi", args, { cwd: projectRoot, env: stack.env, detached: true, stdio: "ignore" });
  const ended = once(run, "exit");
  const kill = async (): Promise<void> => {
    run.kill("SIGKILL");
    if (who === "everybody") processesOf(world).forEach(({ pid }) => process.kill(pid, "SIGKILL"));
    await ended;
  };
  return { ended, kill };
}

/**
 * The same at something that a guest is about to do. It does that all the same: a command outlives whoever sent it.
 * @returns what that was. @throws Error where the run ended before
 */
export async function killUpInside(world: World, guest: LabGuest, at: RegExp, who: Kill["who"]): Promise<string> {
  const { ended, kill } = begunUp(world, who);
  let hit: string | undefined;
  const reached = new Promise<void>((resolve) => {
    const until = async (what: string): Promise<undefined> => {
      hit = what;
      await kill();
      resolve();
      return undefined;
    };
    guest.moments.hold({ at, until });
  });
  await Promise.race([reached, ended]);
  guest.moments.clear();
  if (hit === undefined) throw new Error(`the run ended before ${String(at)}`);
  return hit;
}

export interface Finished {
  readonly code: number;
  readonly output: string;
}

/** `npx infinity pulumi ARGS`, as a person would type it after a kill. */
export async function infinityPulumi(world: World, args: readonly string[]): Promise<Finished> {
  const { stack } = world;
  const all = ["cli/infinity.cjs", "pulumi", ...stack.arguments(args), "--non-interactive"];
  const run = spawn(process.execPath, all, { cwd: projectRoot, env: stack.env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [run.stdout, run.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = (await once(run, "close")) as [number];
  return { code, output };
}

/** Lock files of the stack. */
export function locksOf({ dir, stack }: World): string[] {
  try {
    return readdirSync(join(dir, "state", ".pulumi", "locks", "organization", "infinity-node", stack.name));
  } catch {
    return [];
  }
}

export interface Left {
  readonly pid: number;
  readonly command: string;
}

/** Processes that run with this world's Pulumi home. Linux only. */
export function processesOf({ dir }: World): Left[] {
  const home = `PULUMI_HOME=${join(dir, "home")}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(home)) return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ");
        return [{ pid: Number(pid), command }];
      } catch {
        // It ended while we looked, or is somebody else's.
        return [];
      }
    });
}

/** Pulumi's own side of Node programs looks for its engine every five minutes only; without one it does nothing. */
const isIdle = ({ command }: Left): boolean => command.includes("pulumi-language-nodejs");

/** Waits for orphans to end by themselves, soon after their engine; the idle ones are ended. @returns those that work on */
export async function orphansEnded(world: World): Promise<string[]> {
  const until = Date.now() + 20_000;
  for (;;) {
    const left = processesOf(world);
    for (const { pid } of left.filter(isIdle)) process.kill(pid, "SIGKILL");
    const working = left.filter((one) => !isIdle(one));
    if (working.length === 0 || Date.now() > until) return working.map(({ pid, command }) => `${pid} ${command}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}
