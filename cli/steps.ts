/** Says what is being done while it is done: a line a step, with its time. Writes to standard output. */
import { performance } from "node:perf_hooks";
import pc from "picocolors";

/** Runs one step; its result may say what came of it. */
export async function step<T>(title: string, work: () => Promise<T>, outcome?: (result: T) => string): Promise<T> {
  const start = performance.now();
  console.log(`${pc.cyan("›")} ${title}`);
  try {
    const result = await work();
    const said = outcome?.(result);
    console.log(`  ${pc.green("✓")} ${said ? `${said}  ` : ""}${pc.dim(seconds(start))}`);
    return result;
  } catch (error) {
    console.log(`  ${pc.red("✗")} ${pc.dim(seconds(start))}`);
    throw error;
  }
}

const seconds = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
