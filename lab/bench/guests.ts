/**
 * Figures of what is inside the VMs: the lab's whole house on simulated guests near and far, and what each of its
 * operations costs a VM. Runs the engine, in a folder of its own that is gone afterwards.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import type { Engine } from "../../engine/engine";
import type { LabGuest } from "../guest/guest";
import { guestsOfHouse } from "../guest/ofHouse";
import { labOverrides } from "../overrides";
import { houseNode } from "../proxmox/seeds";
import { startServers, type LabServers } from "../servers";
import { openStack, type Override, type Stack } from "../stack";
import { measure } from "./measure";

export interface GuestsBenchOptions {
  readonly engine: Engine;
  readonly root: string;
  /** Milliseconds of a round trip to each guest. @default [0, 50] */
  readonly roundTrips?: readonly number[];
  readonly print: (text: string) => void;
}

/** What one operation cost on one VM. */
export interface OnVm {
  readonly logins: number;
  readonly commands: number;
  /** From its first command's arrival to its last one's end. */
  readonly seconds: number;
}

const UP = ["up", "--yes", "--skip-preview"];

/** The house without and then with its services: what a deployment of all of them costs is the difference. */
const OPERATIONS: readonly (readonly [name: string, args: readonly string[], services: boolean])[] = [
  ["up, no service yet", UP, false],
  ["deploy of all stacks", UP, true],
  ["no-op preview", ["preview", "--expect-no-changes"], true],
  ["refresh", ["refresh", "--preview-only", "--expect-no-changes"], true],
  ["second up", UP, true],
];

/** Nor what names them. */
const withoutServices = (names: readonly string[]): readonly Override[] => [
  ...names.map((name): Override => [["config", "infinity-node:vms", name, "services"], []]),
  [["config", "infinity-node:tunnel", "exposed"], undefined],
  [["config", "infinity-node:settings"], undefined],
  [["config", "infinity-node:secrets"], undefined],
];

/** Starts counting; what it gives back tells what came since. */
export function counting(guest: Pick<LabGuest, "logins" | "operations">): () => OnVm {
  const { logins } = guest;
  const before = guest.operations.length;
  return () => {
    const own = guest.operations.slice(before);
    const first = Math.min(...own.map(({ since }) => since));
    const last = Math.max(...own.map(({ since, until = since }) => until));
    const seconds = own.length === 0 ? 0 : (last - first) / 1000;
    return { logins: guest.logins - logins, commands: own.length, seconds };
  };
}

const cell = ({ logins, commands, seconds }: OnVm): string =>
  commands + logins === 0
    ? "nothing"
    : `${commands} in ${seconds.toFixed(1)} s, ${logins} log-in${logins === 1 ? "" : "s"}`;

async function operate(servers: LabServers, stack: Stack, configure: (services: boolean) => void): Promise<string> {
  const guests = Object.entries(servers.inside?.byName ?? {});
  const head = ["operation", "seconds", "peak MiB", ...guests.map(([name]) => name)];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const [name, args, services] of OPERATIONS) {
    configure(services);
    const counts = guests.map(([, guest]) => counting(guest));
    const { seconds, peakMiB, result } = await measure(() => stack.run(args));
    if (result.code !== 0) throw new Error(`${name}: exit ${result.code}\n${result.stdout}${result.stderr}`);
    table.push([name, seconds.toFixed(1), peakMiB, ...counts.map((count) => cell(count()))]);
  }
  return table.toString();
}

async function onHouse({ engine, root }: GuestsBenchOptions, latencyMs: number): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "infinity-bench-"));
  const read = (file: string): string => readFileSync(join(root, file), "utf8");
  const stackFile = read("Pulumi.lab.yaml");
  const of = guestsOfHouse(stackFile, read);
  const inside = { dir: join(dir, "inside"), of, latencyMs };
  const servers = await startServers({ proxmox: { initial: houseNode() }, inside });
  try {
    const overrides = labOverrides(servers.serving);
    const stack = await openStack({ engine, root, dir, name: "lab", stackFile, overrides });
    return await operate(servers, stack, (services) => {
      const none = withoutServices(of.map(({ name }) => name));
      stack.configure(stackFile, [...overrides, ...(services ? [] : none)]);
    });
  } finally {
    await servers.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

export async function benchGuests(options: GuestsBenchOptions): Promise<void> {
  for (const latencyMs of options.roundTrips ?? [0, 50]) {
    const table = await onHouse(options, latencyMs);
    options.print(
      `\nthe whole house, ${latencyMs} ms a round trip to a guest; commands, from the first to the end of the last`,
    );
    options.print(table);
  }
}
