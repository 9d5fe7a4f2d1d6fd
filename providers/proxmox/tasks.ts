/** Following a task to its end. An accepted request has done nothing yet: what became of it, its task says. */
import { setTimeout as sleep } from "node:timers/promises";
import { ProxmoxError, type Params, type ProxmoxErrorFields, type TaskResult } from "./client";
import { isOuterLockTimeout } from "./classify";
import { parseUpid, type Upid } from "./upid";

export interface TaskOptions {
  /** How long to follow a task. @default 600 000 */
  readonly timeoutMs?: number;
  /** First interval between two looks; grows by half each time, to `maxPollMs`. @default 100 */
  readonly firstPollMs?: number;
  /** @default 2 000 */
  readonly maxPollMs?: number;
}

interface Status {
  readonly status: string;
  readonly exitstatus?: string;
}

type Get = (path: string, query?: Params) => Promise<unknown>;

/** More lines than a task that ends badly writes; the API gives them from the first on. */
const LOG_LIMIT = 5_000;
const TAIL = 10;

/** @throws ProxmoxError with `task` where it failed, doesn't end, or can't be followed. */
export async function followTask(get: Get, upid: string, now: () => number, options: TaskOptions): Promise<TaskResult> {
  const task = parseUpid(upid);
  if (task === undefined) {
    const text = "the answer names no task where one was expected";
    throw new ProxmoxError({ method: "GET", path: "/nodes/-/tasks", status: 200, text });
  }
  const path = `/nodes/${task.node}/tasks/${encodeURIComponent(upid)}`;
  const readLog = async (): Promise<string[]> => {
    const lines = (await get(`${path}/log`, { limit: LOG_LIMIT })) as { t: string }[] | null;
    return (lines ?? []).map(({ t }) => t);
  };
  // The log explains; where it can't be had, what happened must be told all the same.
  const tail = (): Promise<string[]> =>
    readLog()
      .then((lines) => lines.slice(-TAIL))
      .catch(() => []);
  const failure = async (fields: Pick<ProxmoxErrorFields, "text" | "advice" | "noEffect">): Promise<ProxmoxError> =>
    new ProxmoxError({
      method: "GET",
      path,
      ...fields,
      task: { upid, type: task.type, id: task.id, log: await tail() },
    });

  const exit = await untilStopped(() => statusOf(get, path, upid, task), now, options);
  if (exit === undefined) {
    const text = `still running after ${(options.timeoutMs ?? TIMEOUT_MS) / 1000} s; it goes on on node ${task.node}`;
    throw await failure({ text, advice: "watch it in the task list there and repeat when it has ended" });
  }
  if (exit === "OK") return { warnings: [] };
  const warnings = /^WARNINGS: (\d+)$/.exec(exit)?.[1];
  if (warnings !== undefined) return { warnings: warningsIn(await readLog().catch(() => []), Number(warnings)) };
  throw await failure(refusal(exit, task));
}

const TIMEOUT_MS = 600_000;

/** The exit status, or `undefined` where the time was over first. */
async function untilStopped(
  look: () => Promise<Status>,
  now: () => number,
  { timeoutMs = TIMEOUT_MS, firstPollMs = 100, maxPollMs = 2_000 }: TaskOptions,
): Promise<string | undefined> {
  const end = now() + timeoutMs;
  for (let interval = firstPollMs; ; interval = Math.min(interval * 1.5, maxPollMs)) {
    const { status, exitstatus } = await look();
    if (status === "stopped") return exitstatus ?? "unexpected status";
    const left = end - now();
    if (left <= 0) return undefined;
    await sleep(Math.min(interval, left));
  }
}

/** A failed look has changed nothing, but it says nothing about the task: `noEffect` must not survive it. */
async function statusOf(get: Get, path: string, upid: string, { type, id }: Upid): Promise<Status> {
  try {
    return (await get(`${path}/status`)) as Status;
  } catch (error) {
    if (!(error instanceof ProxmoxError)) throw error;
    const { method, status, text } = error;
    const said = `what became of it can't be read (${status ?? "no answer"}: ${text})`;
    const advice = "it goes on by itself; repeat when the server answers again";
    throw new ProxmoxError(
      { method, path, status, text: said, advice, task: { upid, type, id, log: [] } },
      { cause: error },
    );
  }
}

/** `log_warn` writes `WARN: text` and counts; where a log has none of them, its last lines before the end are it. */
function warningsIn(log: readonly string[], count: number): string[] {
  const warned = log.filter((line) => line.startsWith("WARN: ")).map((line) => line.slice("WARN: ".length));
  return warned.length > 0 ? warned : log.filter((line) => !line.startsWith("TASK ")).slice(-count);
}

/** Tasks that take the VM's lock before anything else; others have claimed or changed something by then. */
const LOCK_FIRST = new Set(["resize", "qmstart", "qmstop", "qmshutdown", "qmreboot", "qmdestroy"]);

function refusal(exit: string, { type, id }: Upid): Pick<ProxmoxErrorFields, "text" | "advice" | "noEffect"> {
  if (exit === "unexpected status") {
    const advice =
      "its worker ended without a word (killed, or the node went down): look at what is there, then repeat";
    return { text: exit, advice };
  }
  const noEffect = LOCK_FIRST.has(type) && isOuterLockTimeout(exit, `/qemu/${id}`);
  return { text: exit, ...(noEffect ? { noEffect } : {}) };
}
