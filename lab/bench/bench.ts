/**
 * `npm run bench`: figures of the main operations, no verdicts. Each house runs against a simulated Proxmox in this
 * process, with and without latency, and beside it as many resources that do nothing: the engine's own floor.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { stringify } from "yaml";
import type { Engine } from "../../engine/engine";
import { run, type RunResult } from "../../engine/run";
import { houseNode } from "../proxmox/seeds";
import { startProxmox } from "../proxmox/server";
import { openStack, type Stack } from "../stack";
import { benchHouse } from "./houses";
import { measure, type Measured } from "./measure";

export interface BenchOptions {
  readonly engine: Engine;
  readonly root: string;
  /** Numbers of VMs. @default [6, 50, 200] */
  readonly sizes?: readonly number[];
  /** Milliseconds that the simulated Proxmox adds to each call. @default [0, 30] */
  readonly latencies?: readonly number[];
  /** Measured after the engine's own, on the stack that is up. */
  readonly more?: readonly Operation[];
  readonly print: (text: string) => void;
}

/** What is measured beside the engine's own commands. */
export interface Operation {
  readonly name: string;
  /** Makes it ready; what is measured is a run of what this gives back. @returns `code` 0 where it did what it should */
  prepare(on: Prepared): Promise<() => Promise<RunResult>>;
}

export interface Prepared {
  readonly stack: Stack;
  /** Opens another stack of the same house, on the same Proxmox, in a folder of its own. */
  open(name: string): Promise<Stack>;
}

const engineCommand = (name: string, args: readonly string[]): Operation => ({
  name,
  prepare: ({ stack }) => Promise.resolve(() => stack.run(args)),
});

const OPERATIONS = [
  engineCommand("up", ["up", "--yes", "--skip-preview"]),
  engineCommand("no-op preview", ["preview"]),
  engineCommand("refresh", ["refresh", "--preview-only"]),
  engineCommand("second up", ["up", "--yes", "--skip-preview"]),
];

interface Row {
  readonly operation: string;
  readonly measured: Measured;
  readonly calls: string;
}

export async function bench(options: BenchOptions): Promise<void> {
  const { seconds } = await measure(() => setUp(options.root));
  options.print(`set-up with nothing to do: ${seconds.toFixed(1)} s`);
  for (const size of options.sizes ?? [6, 50, 200]) {
    const floor = await onFloor(options, size);
    for (const latency of options.latencies ?? [0, 30]) {
      const { rows, stateBytes } = await onHouse(options, size, latency);
      const table = new Table({
        head: ["operation", "seconds", "floor", "peak MiB", "floor", "calls by kind"],
        style: { head: [], border: [], compact: true },
      });
      rows.forEach(({ operation, measured, calls }, index) => {
        const base = floor[index]?.measured;
        table.push([
          operation,
          measured.seconds.toFixed(1),
          base?.seconds.toFixed(1) ?? "",
          measured.peakMiB,
          base?.peakMiB ?? "",
          calls,
        ]);
      });
      options.print(`\n${size} VMs, ${latency} ms a call; state ${Math.round(stateBytes / size)} bytes a VM`);
      options.print(table.toString());
    }
  }
}

const setUp = (root: string): Promise<RunResult> =>
  run(process.execPath, [join(root, "engine", "setup.cjs"), "engine"], { cwd: root, env: process.env });

async function onHouse(options: BenchOptions, size: number, latencyMs: number) {
  const dir = mkdtempSync(join(tmpdir(), "infinity-bench-"));
  const proxmox = await startProxmox({ initial: houseNode(), latencyMs });
  try {
    const open = (name: string) =>
      openStack({ ...options, dir: join(dir, name), name, stackFile: benchHouse(size, proxmox) });
    const stack = await open("bench");
    const rows = await operate([...OPERATIONS, ...(options.more ?? [])], { stack, open }, () => {
      const calls = proxmox.calls.counts;
      proxmox.calls.reset();
      return Object.entries(calls)
        .map(([kind, count]) => `${count} ${kind}`)
        .join("\n");
    });
    const state = readFileSync(join(dir, "bench", "state", ".pulumi", "stacks", "infinity-node", "bench.json"));
    return { rows, stateBytes: state.byteLength };
  } finally {
    await proxmox.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function onFloor(options: BenchOptions, size: number): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), "infinity-floor-"));
  try {
    const root = join(options.root, "lab", "bench", "floor");
    // As many as a house of this size has: each VM is a component and a resource, beside one storage and its component.
    const stackFile = stringify({ config: { "floor:resources": 2 * size + 2 } });
    const open = (name: string) => openStack({ ...options, root, dir: join(dir, name), name, stackFile });
    return await operate(OPERATIONS, { stack: await open("bench"), open }, () => "");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function operate(operations: readonly Operation[], on: Prepared, takeCalls: () => string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const operation of operations) {
    const ready = await operation.prepare(on);
    takeCalls();
    const measured = await measure(ready);
    if (measured.result.code !== 0) {
      throw new Error(
        `${operation.name}: exit ${measured.result.code}\n${measured.result.stdout}${measured.result.stderr}`,
      );
    }
    rows.push({ operation: operation.name, measured, calls: takeCalls() });
  }
  return rows;
}
