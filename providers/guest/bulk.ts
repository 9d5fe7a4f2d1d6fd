/**
 * Many commands in one: a look at a guest is one round trip, however many facts it takes. The commands go as a script to
 * the stdin of one `sh`, and each answers with its own output and exit code, framed by a mark that no output can guess.
 */
import { randomUUID } from "node:crypto";
import type { Host } from "../ssh/host";
import { commandLine } from "../ssh/quote";

export type Command = readonly [program: string, ...args: string[]];

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  /** Without the line break at its end. */
  readonly stderr: string;
}

/**
 * English, whatever the guest speaks; no time zone of the log-in's, which Compose would take before that of a stack; and
 * administrators' programs also where sudo's or root's path lacks them.
 */
export const PROLOGUE = 'unset TZ; export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"';

/** How long a command may take that asks what may hang: a share whose NAS is away, a daemon that is stuck. */
export const SOON_SECONDS = 45;

/** Ended by TERM it would wait on: what hangs in the kernel, or ignores it. */
const SOON = ["timeout", "-s", "KILL", String(SOON_SECONDS)] as const;

/** The command, ended where it hangs: nobody else's look waits for it. */
export const soon = (...command: Command): Command => [...SOON, ...command];

/** Whether it was ended for that. */
export const hung = (answer: Answer | undefined): boolean => answer?.exitCode === 137;

/** TERM may be waited on: then it is ended. */
const KILL_SECONDS = 30;

/**
 * The command, ended on the guest where it takes longer: closing its channel ends nothing there, and what it holds would be
 * held until somebody came.
 */
export const within = (seconds: number, command: Command): Command => [
  ...(["timeout", "-k", String(KILL_SECONDS), String(seconds)] as const),
  ...command,
];

/** The command itself, and how many seconds {@link soon} or {@link within} gives it. */
export function bounded(command: Command): { readonly command: readonly string[]; readonly seconds?: number } {
  const [program, how, , seconds, ...rest] = command;
  return program === "timeout" && (how === "-s" || how === "-k")
    ? { command: rest, seconds: Number(seconds) }
    : { command };
}

function boundMs(command: Command): number {
  const { seconds } = bounded(command);
  if (seconds === undefined) return 0;
  return (command[1] === "-k" ? seconds + KILL_SECONDS : seconds) * 1000;
}

/** All that are bounded may hang, one after another, and the others are answered all the same. */
export const patienceMs = (commands: readonly Command[]): number =>
  commands.reduce((sum, command) => sum + boundMs(command), 60_000);

export interface ScriptOptions {
  /** The first command that fails is the last one that runs. @default false */
  readonly stopAtFailure?: boolean;
}

/**
 * The script's text: three lines of prologue, then one command a line. What a log-in shell's start-up files print ends with
 * the first mark, and belongs to no command.
 */
export function script(
  commands: readonly Command[],
  mark: string,
  { stopAtFailure = false }: ScriptOptions = {},
): string {
  const stop = stopAtFailure ? ' [ "$1" -eq 0 ] || exit 0;' : "";
  return [
    PROLOGUE,
    `m() { printf '\\n${mark} %s\\n' "$1"; printf '\\n${mark}\\n' >&2;${stop} }`,
    "m 0",
    ...commands.map((command) => `${commandLine(command)} </dev/null; m $?`),
    "",
  ].join("\n");
}

/** The answers in the commands' order; fewer where the script stopped before its end. */
export function answers({ stdout, stderr }: { stdout: string; stderr: string }, mark: string): Answer[] {
  const [, ...said] = stderr.split(`\n${mark}\n`);
  const framed = new RegExp(`([\\s\\S]*?)\\n${mark} (\\d+)\\n`, "g");
  return [...stdout.matchAll(framed)].slice(1).map(([, text = "", code], index) => ({
    exitCode: Number(code),
    stdout: text,
    stderr: (said[index] ?? "").trimEnd(),
  }));
}

/** Runs commands one after another in one round trip, as root. @throws SshError where no answer came */
export async function runAll(
  host: Host,
  commands: readonly Command[],
  options: ScriptOptions & {
    readonly reads?: boolean;
    readonly timeoutMs?: number;
    /** Runs the script under another command: `flock`. */
    readonly under?: readonly string[];
    readonly accept?: readonly number[];
  } = {},
): Promise<Answer[]> {
  const { under = [], reads, timeoutMs, accept } = options;
  const mark = randomUUID();
  const stdin = script(commands, mark, options);
  const finished = await host.run([...under, "sh"], { stdin, sudo: true, reads, timeoutMs, accept });
  if (finished.exitCode !== 0) return [];
  const given = answers(finished, mark);
  if (given.length < commands.length && options.stopAtFailure !== true)
    throw new Error(`${host.name}: answered ${given.length} of ${commands.length} commands`);
  return given;
}

interface Asked {
  readonly commands: readonly Command[];
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue {
  waiting: Asked[];
  busy: boolean;
}

const queues = new WeakMap<Host, Queue>();

async function serve(host: Host, queue: Queue): Promise<void> {
  if (queue.busy) return;
  queue.busy = true;
  // Whoever asks in the same turn of the event loop is asked for together.
  await new Promise<void>((next) => setImmediate(next));
  while (queue.waiting.length > 0) {
    const batch = queue.waiting;
    queue.waiting = [];
    const distinct = new Map(batch.flatMap(({ commands }) => commands.map((c) => [commandLine(c), c] as const)));
    try {
      const all = [...distinct.values()];
      const given = await runAll(host, all, { reads: true, timeoutMs: patienceMs(all) });
      const byLine = new Map([...distinct.keys()].map((line, index) => [line, given[index]] as const));
      for (const { commands, resolve } of batch)
        resolve(commands.map((c) => byLine.get(commandLine(c)) ?? { exitCode: 127, stdout: "", stderr: "" }));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
  queue.busy = false;
}

/**
 * Asks a guest, together with whoever else asks it in the same moment: what comes while one look is under way goes with
 * the next one, and what several ask for is asked once. The commands must only look.
 */
export function ask(host: Host, commands: readonly Command[]): Promise<readonly Answer[]> {
  if (commands.length === 0) return Promise.resolve([]);
  const queue = queues.get(host) ?? { waiting: [], busy: false };
  queues.set(host, queue);
  return new Promise((resolve, reject) => {
    queue.waiting.push({ commands, resolve, reject });
    void serve(host, queue);
  });
}
