/** Takes one step of a plan: one call, and its task followed to the end. The only file that changes an existing VM. */
import type { ProxmoxClient } from "../client";
import type { NodeShell } from "../nodeShell";
import { resizeText } from "./drive";
import { vmPath } from "./observe";
import type { ObservedVm } from "./observed";
import type { Step } from "./step";

/** For what copies a disk: one of some terabytes takes hours. */
export const COPY_TIMEOUT_MS = 24 * 3600_000;

/** Seconds that a guest is given to shut down. */
const SHUTDOWN_TIMEOUT = 180;

export interface Subject {
  readonly client: ProxmoxClient;
  readonly vmid: number;
  /** The node's own shell as root; left out where the client may do all that root may. */
  readonly node?: NodeShell;
  /** Says something to the person at the screen. */
  readonly tell: (text: string) => void;
}

/** Follows a task to its end; what it warned of is said. */
export async function follow(
  { client, tell }: Pick<Subject, "client" | "tell">,
  upid: string,
  options?: { readonly timeoutMs: number },
): Promise<void> {
  const { warnings } = await client.task(upid, options);
  for (const warning of warnings) tell(warning);
}

async function power(subject: Subject, node: string, action: "start" | "shutdown"): Promise<void> {
  const { client, vmid } = subject;
  const path = `${vmPath(node, vmid)}/status/${action}`;
  if (action === "start") {
    await follow(subject, await client.post<string>(path));
    return;
  }
  try {
    const upid = await client.post<string>(path, { timeout: SHUTDOWN_TIMEOUT });
    await follow(subject, upid, { timeoutMs: (SHUTDOWN_TIMEOUT + 30) * 1000 });
  } catch (error) {
    throw new Error(
      `it did not shut down: ${(error as Error).message}. It is never switched off by force - shut the guest down, or stop it in Proxmox`,
      { cause: error },
    );
  }
}

/** @param observed what the plan was made from; its digest keeps a change by somebody else from being overwritten. */
export async function perform(subject: Subject, observed: ObservedVm, step: Step): Promise<void> {
  const { client, vmid } = subject;
  const path = vmPath(observed.node, vmid);
  const { digest } = observed;
  switch (step.kind) {
    case "power":
      await power(subject, observed.node, step.action);
      return;
    case "move":
      await follow(
        subject,
        await client.post<string>(`${path}/move_disk`, {
          disk: step.disk,
          storage: step.storage,
          // Freed by the same task, once the copy is complete and in its place.
          delete: !step.keep,
          digest,
        }),
        { timeoutMs: COPY_TIMEOUT_MS },
      );
      return;
    case "resize":
      await follow(
        subject,
        await client.put<string>(`${path}/resize`, { disk: step.disk, size: resizeText(step.bytes), digest }),
      );
      return;
    case "config": {
      if (step.root === true && subject.node !== undefined) {
        await subject.node.set({ node: observed.node, vmid, ...step, digest });
        return;
      }
      const gone = step.delete.length === 0 ? undefined : step.delete.join(",");
      const body = { ...step.set, delete: gone, digest };
      if (!step.task) await client.put(`${path}/config`, body);
      else {
        const upid = await client.post<string | null>(`${path}/config`, body);
        if (upid !== null) await follow(subject, upid, { timeoutMs: COPY_TIMEOUT_MS });
      }
    }
  }
}
