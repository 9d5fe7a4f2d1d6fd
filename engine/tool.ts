/** Runs other programs for the set-up: bounded in time, with what they said kept for the error. Starts processes. */
import { execFile } from "node:child_process";

export interface ToolOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Milliseconds after which the program is killed. */
  readonly timeout: number;
}

/**
 * @returns what the program wrote to its standard output
 * @throws Error naming the program and how it ended, with the last lines it wrote
 */
export function runTool(program: string, args: readonly string[], options: ToolOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const settings = { ...options, killSignal: "SIGKILL", maxBuffer: 64 * 1024 * 1024 } as const;
    execFile(program, args, settings, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const ended = error.killed === true ? `gave no answer within ${options.timeout / 1000} s` : endOf(error);
      const tail = stderr.trim().split("\n").slice(-8).join("\n");
      reject(new Error(`${program} ${args[0] ?? ""} ${ended}${tail === "" ? "" : `:\n${tail}`}`));
    });
  });
}

function endOf(error: { code?: string | number | null; signal?: NodeJS.Signals | null }): string {
  if (typeof error.code === "string")
    return error.code === "EACCES" ? "is not executable" : `did not start (${error.code})`;
  return error.signal ? `was ended by ${error.signal}` : `failed with exit code ${error.code ?? "unknown"}`;
}
