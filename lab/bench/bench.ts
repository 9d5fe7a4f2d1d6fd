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
  readonly print: (text: string) => void;
}

const OPERATIONS = [
  ["up", ["up", "--yes", "--skip-preview"]],
  ["no-op preview", ["preview"]],
  ["refresh", ["refresh", "--preview-only"]],
  ["second up", ["up", "--yes", "--skip-preview"]],
] as const;

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
    const stack = await openStack({ ...options, dir, name: "bench", stackFile: benchHouse(size, proxmox) });
    const rows = await operate(stack, () => {
      const calls = proxmox.calls.counts;
      proxmox.calls.reset();
      return Object.entries(calls)
        .map(([kind, count]) => `${count} ${kind}`)
        .join("\n");
    });
    const state = readFileSync(join(dir, "state", ".pulumi", "stacks", "infinity-node", "bench.json"));
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
    return await operate(await openStack({ ...options, root, dir, name: "bench", stackFile }), () => "");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function operate(stack: Stack, takeCalls: () => string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [operation, args] of OPERATIONS) {
    const measured = await measure(() => stack.run(args));
    if (measured.result.code !== 0) {
      throw new Error(`${operation}: exit ${measured.result.code}\n${measured.result.stdout}${measured.result.stderr}`);
    }
    rows.push({ operation, measured, calls: takeCalls() });
  }
  return rows;
}
