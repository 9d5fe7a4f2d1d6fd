/** Tasks: UPIDs, workers that run after the answer and end, their status and log. Works on the world and timers only. */
import type { Clock } from "./clock";
import type { Task, World } from "./world";
import { Problem } from "./wire/problem";

/** Appends a line to the task's log. */
export type Log = (line: string) => void;
export type Work = (log: Log) => void | Promise<void>;

/** What a fault makes of a task. */
export type TaskFault =
  | { readonly kind: "task-fails"; readonly text: string; readonly afterWork: boolean }
  | { readonly kind: "task-warns"; readonly text: string }
  | { readonly kind: "task-vanishes"; readonly afterWork: boolean }
  | { readonly kind: "task-hangs"; readonly forMs?: number };

export interface Job {
  readonly work: Work;
  /** What a real worker undoes where it fails; for the faults that let a task fail before it did anything. */
  readonly undo?: () => void;
  /** Called when the worker is no more, however it ended. */
  readonly gone?: () => void;
}

interface Settings {
  readonly world: World;
  readonly clock: Clock;
  /** How long each task takes at least. */
  readonly taskMs: number;
  readonly changed: () => void;
}

/** Tasks that are remembered; older ones that ended are forgotten. */
const KEPT = 2000;

const hex = (value: number, width: number): string => value.toString(16).toUpperCase().padStart(width, "0");

export class Tasks {
  private readonly timers = new Map<NodeJS.Timeout, () => void>();
  private closed = false;

  constructor(private readonly settings: Settings) {}

  /** Starts a task and gives its UPID; `work` runs later and its error becomes the exit status. */
  start(type: string, id: string, user: string, job: Job, fault?: TaskFault): string {
    const { world, clock } = this.settings;
    const pid = world.nextPid;
    world.nextPid += 1;
    const starttime = clock.now();
    const pstart = Math.max(0, (starttime - world.node.bootedAt) * 100) + (pid % 100);
    const upid = `UPID:${world.node.name}:${hex(pid, 8)}:${hex(pstart, 8)}:${hex(starttime, 8)}:${type}:${id}:${user}:`;
    const task: Task = { upid, node: world.node.name, pid, pstart, starttime, type, id, user, log: [] };
    world.tasks.push(task);
    if (world.tasks.length > KEPT) this.forgetOldest();
    this.settings.changed();
    void this.run(task, job, fault).finally(job.gone);
    return upid;
  }

  find(upid: string): Task {
    const task = this.settings.world.tasks.find((entry) => entry.upid === upid);
    if (!task) throw Problem.parameters({ upid: "no such task" });
    return task;
  }

  /** Resolves when a task has ended, at most after `timeoutMs`. */
  async ended(upid: string, timeoutMs: number): Promise<Task> {
    const task = this.find(upid);
    const deadline = Date.now() + timeoutMs;
    while (task.exitstatus === undefined && Date.now() < deadline) await this.pause(5);
    return task;
  }

  /** Waits as a worker that got stuck does: until `forMs` are over, or the server closes. */
  hang(forMs = 2 ** 31 - 1): Promise<void> {
    return this.pause(forMs);
  }

  /** Whether the server went: what was waiting is not to be done any more. */
  isClosed(): boolean {
    return this.closed;
  }

  /** No timer outlives the server: waiting work is given up. */
  close(): void {
    this.closed = true;
    for (const [timer, wake] of this.timers) {
      clearTimeout(timer);
      wake();
    }
    this.timers.clear();
  }

  private forgetOldest(): void {
    const { tasks } = this.settings.world;
    const oldest = tasks.findIndex(({ exitstatus }) => exitstatus !== undefined);
    if (oldest >= 0) tasks.splice(oldest, 1);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        resolve();
      }, ms);
      this.timers.set(timer, resolve);
    });
  }

  private async run(task: Task, job: Job, fault: TaskFault | undefined): Promise<void> {
    const { world } = this.settings;
    if (fault?.kind === "task-vanishes") world.tasks = world.tasks.filter((entry) => entry !== task);
    await this.pause(this.settings.taskMs);
    if (this.isClosed() || (fault?.kind === "task-vanishes" && !fault.afterWork)) return;
    const status = await this.outcome(task, job, fault);
    if (this.isClosed()) return;
    task.log.push(status === "OK" || status.startsWith("WARNINGS: ") ? `TASK ${status}` : `TASK ERROR: ${status}`);
    task.exitstatus = status;
    task.endtime = this.settings.clock.now();
    this.settings.changed();
  }

  private async outcome(task: Task, { work, undo }: Job, fault: TaskFault | undefined): Promise<string> {
    if (fault?.kind === "task-fails" && !fault.afterWork) {
      undo?.();
      return fault.text;
    }
    try {
      await work((line) => task.log.push(line));
    } catch (error) {
      if (error instanceof Problem) return problemLine(error);
      throw error;
    }
    if (fault?.kind === "task-fails") return fault.text;
    if (fault?.kind !== "task-warns") return "OK";
    task.log.push(`WARN: ${fault.text}`);
    return "WARNINGS: 1";
  }
}

/** A worker's error as one line: newlines folded, as Proxmox writes it. */
function problemLine(problem: Problem): string {
  const errors = Object.entries(problem.errors ?? {}).map(([key, text]) => `${key}: ${text.trim()}`);
  return [problem.errors ? `${problem.status} ${problem.text}` : problem.text, ...errors]
    .join(" ")
    .replace(/\n/g, " ")
    .trim();
}
