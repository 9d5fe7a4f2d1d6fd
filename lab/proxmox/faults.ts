/** Faults on request: which call is hit, how, and how often. In memory only. */
import { ArmedFaults } from "../armedFaults";
import type { TaskFault } from "./tasks";

export interface FaultMatch {
  /** `*` for every call that changes something, logins aside. */
  readonly method?: string;
  /** Below `/api2/json`: a prefix, or an expression. */
  readonly path?: string | RegExp;
  /** Hits from the n-th matching call on, counted from 1. @default 1 */
  readonly nth?: number;
}

export type FaultKind =
  /** The connection breaks before the server acts. */
  | { readonly kind: "drop-before" }
  /** The server acts, then the connection breaks without an answer. */
  | { readonly kind: "drop-after" }
  /** Another status, nothing done. */
  | { readonly kind: "status"; readonly status: number; readonly text?: string }
  /** The lock that the call needs stays taken: a VM's, or the cluster's on the storage definitions. */
  | { readonly kind: "lock-timeout" }
  /** The task the call starts ends with this error, before or (`afterWork`) after it did its work. */
  | { readonly kind: "task-fails"; readonly text?: string; readonly afterWork?: boolean }
  | { readonly kind: "task-warns"; readonly text?: string }
  /** The task never ends, or only after `forMs`. */
  | { readonly kind: "task-hangs"; readonly forMs?: number }
  /** Nobody knows the task any more, as after the node went down: nothing was done, or (`afterWork`) all of it. */
  | { readonly kind: "task-vanishes"; readonly afterWork?: boolean }
  | { readonly kind: "delay"; readonly ms: number }
  /**
   * The call waits, before the server acts on it or before it answers, for whoever armed this; who may break the connection
   * then. In this process only: a promise has no way over the control port.
   */
  | { readonly kind: "hold"; readonly when: "arrived" | "acted"; readonly until: () => Promise<"go on" | "drop"> };

export type Fault = FaultKind & {
  readonly match: FaultMatch;
  /** How many calls it hits. @default 1 */
  readonly times?: number;
};

function fits({ method, path }: FaultMatch, call: { readonly method: string; readonly path: string }): boolean {
  if (method === "*" && (call.method === "GET" || call.path === "/access/ticket")) return false;
  if (method !== undefined && method !== "*" && method !== call.method) return false;
  if (path === undefined) return true;
  return typeof path === "string" ? call.path.startsWith(path) : path.test(call.path);
}

export class Faults extends ArmedFaults<Fault> {
  /** The faults that hit this call; each is used up by one. */
  take(method: string, path: string): readonly Fault[] {
    return this.hits((match) => fits(match, { method, path }));
  }
}

/** What the faults of a call mean for the task it starts. */
export function taskFaultOf(faults: readonly Fault[]): TaskFault | undefined {
  for (const fault of faults) {
    if (fault.kind === "task-fails")
      return {
        kind: fault.kind,
        text: fault.text ?? "command failed with exit code 5",
        afterWork: fault.afterWork ?? false,
      };
    if (fault.kind === "task-warns")
      return { kind: fault.kind, text: fault.text ?? "something is not as it should be" };
    if (fault.kind === "task-vanishes") return { kind: fault.kind, afterWork: fault.afterWork ?? false };
    if (fault.kind === "task-hangs") return fault;
  }
  return undefined;
}

/** Waits for the tests that hold this call at this point. */
export async function held(faults: readonly Fault[], when: "arrived" | "acted"): Promise<"go on" | "drop"> {
  const holds = faults.flatMap((fault) => (fault.kind === "hold" && fault.when === when ? [fault.until()] : []));
  const ends = await Promise.all(holds);
  return ends.includes("drop") ? "drop" : "go on";
}
