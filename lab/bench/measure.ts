/** One engine operation, measured from outside: wall time and peak memory of everything it started. */
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";
import type { RunResult } from "../../engine/run";

export interface Measured {
  readonly seconds: number;
  /** Peak of the summed resident memory of the operation's processes, MiB; sampled, so short peaks are missed. */
  readonly peakMiB: number;
  readonly result: RunResult;
}

const SAMPLE_MS = 250;

/** @param operation starts the engine as a child of this process. */
export async function measure(operation: () => Promise<RunResult>): Promise<Measured> {
  let peakKiB = 0;
  const sampler = setInterval(() => {
    void descendantsKiB(process.pid).then((kib) => (peakKiB = Math.max(peakKiB, kib)));
  }, SAMPLE_MS);
  const start = performance.now();
  try {
    const result = await operation();
    return { seconds: (performance.now() - start) / 1000, peakMiB: Math.round(peakKiB / 1024), result };
  } finally {
    clearInterval(sampler);
  }
}

/** Resident memory of all processes below one, KiB, from `ps` (the same columns on Linux and macOS). */
async function descendantsKiB(root: number): Promise<number> {
  const rows = parseProcesses(await output("ps", ["-A", "-o", "pid=,ppid=,rss="]));
  const below = (parent: number): number =>
    rows.filter((row) => row.parent === parent).reduce((sum, row) => sum + row.kib + below(row.pid), 0);
  return below(root);
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly kib: number;
}

const parseProcesses = (text: string): ProcessRow[] =>
  text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, kib = 0]) => ({ pid, parent, kib }));

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    child.on("close", () => {
      resolve(text);
    });
    child.on("error", () => {
      resolve("");
    });
  });
}
