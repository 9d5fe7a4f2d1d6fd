/**
 * Runs one command of the engine to its end. Starts a process and reads its output; knows nothing of houses.
 */
import { spawn } from "node:child_process";

/** Commands that are about no stack, and refuse to hear of one. */
const WITHOUT_STACK: ReadonlySet<string> = new Set(["whoami", "plugin", "login", "logout", "version", "about"]);

/** The arguments of `pulumi ARGS` with the stack that they are about. */
export const onStack = ([command = "", ...rest]: readonly string[], stack: string): string[] =>
  WITHOUT_STACK.has(command) ? [command, ...rest] : [command, "--stack", stack, ...rest];

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Written to its standard input, which ends then. @default it has none */
  readonly input?: string;
  /** Called with each piece of output as it comes, standard output and error together. */
  readonly onOutput?: (text: string) => void;
  /** Ends the command at once; a provider that it started ends soon after. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** Exit code; 0 done, 7 `--expect-no-changes` was not kept, others as in Pulumi's documentation; -1 ended by a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @param program the executable's path.
 * @throws the spawn error where it can't be started at all.
 */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    // A process group of its own: a Ctrl-C in this terminal reaches it once, by way of `interrupt`. The engine puts the
    // providers that it starts into groups of theirs; those end by themselves, soon after their engine.
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    // One that doesn't read it to the end has ended, and says so by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    const collected = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        collected[stream] += text;
        options.onOutput?.(text);
      });
    }
    const abort = () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    };
    // Ctrl-C reaches only this process's group: pass it on, so that the engine ends its work in order.
    const interrupt = () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    };
    process.on("SIGINT", interrupt);
    options.signal?.addEventListener("abort", abort, { once: true });
    const settle = () => {
      process.off("SIGINT", interrupt);
      options.signal?.removeEventListener("abort", abort);
    };
    child.on("error", (error) => {
      settle();
      reject(error);
    });
    child.on("close", (code) => {
      settle();
      resolve({ code: code ?? -1, ...collected });
    });
  });
}
