/** Hands this terminal to the engine: `infinity pulumi ...` and `infinity lab pulumi ...`. Starts a process. */
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import type { Engine } from "../engine/engine";
import { PARALLEL } from "../engine/environment";
import { projectRoot } from "./root";

/** The user's own environment, with the engine first on PATH. A number of resources at once that the user set stays. */
export const ownEnvironment = ({ bin }: Engine): NodeJS.ProcessEnv => ({
  PULUMI_PARALLEL: String(PARALLEL),
  ...process.env,
  PATH: [bin, process.env.PATH].join(delimiter),
});

/**
 * @param env the engine's environment. @default the user's own, with the engine first on PATH
 * @returns the engine's exit code.
 */
export function runPulumi(engine: Engine, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(engine.bin, "pulumi"), args, {
      cwd: projectRoot,
      env: env ?? ownEnvironment(engine),
      stdio: "inherit",
    });
    // The terminal interrupts the engine, too: it ends in order, and this process waits for it.
    process.on("SIGINT", () => undefined);
    child.on("error", reject);
    child.on("close", (code) => {
      resolve(code ?? 1);
    });
  });
}
