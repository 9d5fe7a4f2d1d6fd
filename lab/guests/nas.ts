/** The house's NAS as a guest of the lab that no VM stands for. Starts one machine, in a folder of its own. */
import { backOff } from "exponential-backoff";
import type { Agent } from "./agent";
import { startGuest, type Guest, type GuestHost } from "./guest";
import { nasMachine, nasVendorData, NAS_MEMORY_MIB, type NasPlan } from "./nasFiles";

export interface Nas {
  readonly address: string;
  readonly pid: number;
  /** Path of what it said on its serial line. */
  readonly console: string;
  /** Its shares can be mounted. */
  readonly ready: Promise<void>;
  /** A shell's command as root. @returns what it printed @throws Error where it fails */
  run(command: string): Promise<string>;
  /** Out: nobody gets an answer from it, as from one that is switched off. In: it is there again. */
  cable(isIn: boolean): Promise<void>;
  close(): Promise<void>;
}

interface Ended {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}

const text = (data = ""): string => Buffer.from(data, "base64").toString("utf8");

/** A boot that is emulated beside others. */
const READY_TRIES = 240;
const COMMAND_TRIES = 120;
const PAUSES = { startingDelay: 250, maxDelay: 2000 };

async function runIn(agent: Agent, command: string): Promise<string> {
  const started = (await agent.ask("exec", {
    ...{ path: "/bin/sh", arg: ["-c", command], "capture-output": true },
  })) as { readonly pid: number };
  const ended = await backOff(
    async () => {
      const status = (await agent.ask("exec-status", started)) as Ended;
      if (!status.exited) throw new Error(`${command}: still runs on the NAS`);
      return status;
    },
    { ...PAUSES, numOfAttempts: COMMAND_TRIES },
  );
  if (ended.exitcode === 0) return text(ended["out-data"]).trimEnd();
  throw new Error(`${command}: exit code ${ended.exitcode ?? "none"} on the NAS: ${text(ended["err-data"]).trim()}`);
}

/** Once it exports, and cloud-init is through: what is kept then goes on as a NAS that is up. */
async function becomesReady(guest: Guest): Promise<void> {
  const asked =
    "systemctl is-active nfs-server && exportfs -s | grep -q . && cloud-init status | grep -q 'status: done'";
  await backOff(() => runIn(guest.agent, asked), { ...PAUSES, numOfAttempts: READY_TRIES });
  if (guest.origin === "new") await guest.snapshot();
}

/** @param dir of this guest alone; the share outlives the run there */
export async function startNas(dir: string, plan: NasPlan, host: GuestHost): Promise<Nas> {
  const own = { ...host, vendorData: nasVendorData(plan), memoryMib: NAS_MEMORY_MIB };
  const guest = await startGuest(dir, nasMachine(plan), own);
  const ready = becomesReady(guest);
  // Who needs it waits for it, and is told.
  ready.catch(() => undefined);
  return {
    address: plan.address,
    pid: guest.pid,
    console: guest.console,
    ready,
    run: (command) => runIn(guest.agent, command),
    cable: (isIn) => guest.cable(isIn),
    close: () => guest.kill(),
  };
}
