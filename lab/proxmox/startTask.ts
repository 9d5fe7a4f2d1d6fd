/** Starting the task of a call, under the call's user and with the fault that waits for it. */
import type { Call } from "./call";
import type { Job, Work } from "./tasks";

/** A VM's task that hangs does so with the VM's lock in hand: others meet the lock, as they would on a real server. */
function hanging(call: Call, vmid: number | undefined, forMs: number | undefined, work: Work): Work {
  return async (log) => {
    if (vmid === undefined) await call.tasks.hang(forMs);
    else await call.locks.hold(vmid, () => call.tasks.hang(forMs));
    if (!call.tasks.isClosed()) await work(log);
  };
}

/**
 * @param vmid whose lock the task takes; `undefined` for one that takes none
 * @param job what the task does; its undoing where a failure leaves nothing behind
 * @returns the UPID; the work runs after the answer
 */
export function startTask(
  call: Call,
  type: string,
  vmid: number | undefined,
  job: Work | Job,
  id = vmid === undefined ? "" : String(vmid),
): string {
  const { taskFault: fault, tasks, who } = call;
  const { work, undo } = typeof job === "function" ? { work: job, undo: undefined } : job;
  const actual = fault?.kind === "task-hangs" ? hanging(call, vmid, fault.forMs, work) : work;
  return tasks.start(type, id, who.name, { work: actual, undo }, fault);
}

/**
 * The same for a worker that is forked while the VM's lock is held: it has the lock from the start.
 * @param release called when the worker is no more.
 */
export function startInheriting(call: Call, type: string, vmid: number, work: Work, release: () => void): string {
  const { taskFault: fault, tasks, who } = call;
  const hanging = async (log: (line: string) => void): Promise<void> => {
    if (fault?.kind === "task-hangs") await tasks.hang(fault.forMs);
    if (!tasks.isClosed()) await work(log);
  };
  return tasks.start(type, String(vmid), who.name, { work: hanging, gone: release }, fault);
}
