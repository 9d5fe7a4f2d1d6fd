/** Commands on one host: quoted, in turn, repeated only where nothing happened, and ended as a result or one typed error. */
import { backOff } from "exponential-backoff";
import { SshError } from "./error";
import { execute, Unended, type Ending } from "./execute";
import type { RunOptions } from "./host";
import type { Links } from "./links";
import { commandLine, masked } from "./quote";
import { settingName, targetName, type SshTarget } from "./target";
import { Busy, type Turns } from "./turns";

export interface Shell {
  readonly target: SshTarget;
  readonly links: Links;
  readonly turns: Turns;
  /** Asked before everything that may change something; throws where this run must not. */
  readonly before: (command: string) => Promise<void>;
  /** Wait before a repetition. @default 250 */
  readonly firstDelayMs?: number;
}

export type Ended = Ending & { readonly exitCode: number };

const ATTEMPTS = 5;

const LOOK_MS = 60_000;
/** A change can't be repeated where its end isn't known: on a small machine `systemctl enable` alone takes more than a minute. */
const CHANGE_MS = 300_000;

/** How long a command may take. */
export const timeLimitMs = ({ timeoutMs, reads }: RunOptions): number =>
  timeoutMs ?? (reads === true ? LOOK_MS : CHANGE_MS);

/** @param name what errors call it. @default the command @throws SshError */
export async function runCommand(
  shell: Shell,
  args: readonly string[],
  options: RunOptions = {},
  name?: string,
): Promise<Ended> {
  const { target } = shell;
  const line = commandLine([...(options.sudo === true && target.user !== "root" ? ["sudo", "-n", "--"] : []), ...args]);
  const shown = name ?? masked(line, options.mask);
  if (options.reads !== true) await shell.before(shown);
  const ended = await backOff(() => attempt(shell, line, options), {
    numOfAttempts: ATTEMPTS,
    startingDelay: shell.firstDelayMs ?? 250,
    jitter: "full",
    retry: mayRepeat(options),
  }).catch((error: unknown) => {
    throw error instanceof Unended || error instanceof Busy ? unended(target, shown, error, options) : error;
  });
  return judged(target, shown, ended, options);
}

/** @throws Unended */
function attempt({ turns, links }: Shell, line: string, options: RunOptions): Promise<Ending> {
  const [{ stdin }, timeoutMs] = [options, timeLimitMs(options)];
  return turns.take(() => links.use((link) => execute(link, line, { stdin, timeoutMs })));
}

/** What is provably not done is done again, and so is what only looks. */
const mayRepeat =
  ({ reads }: RunOptions) =>
  (error: unknown): boolean =>
    error instanceof Busy ||
    (error instanceof Unended && (error.why === "not sent" || (error.why === "dropped" && reads === true)));

function unended(target: SshTarget, command: string, error: Unended | Busy, options: RunOptions): SshError {
  const { cause } = error;
  const reason = cause instanceof Error ? ` (${cause.message.trim()})` : "";
  const fields = { host: targetName(target), command };
  const says = (kind: SshError["kind"], text: string, noEffect: boolean, advice?: string): SshError =>
    new SshError({ ...fields, kind, text, noEffect, advice }, { cause });
  if (error instanceof Busy) {
    const advice = "check MaxSessions in its sshd_config";
    return says("unreachable", `the host allows no more commands at once${reason}`, true, advice);
  }
  switch (error.why) {
    case "refused":
      return says(
        "denied",
        `the host takes no commands from this user${reason}`,
        true,
        "check its log-in shell and sshd_config",
      );
    case "not sent":
      return says("unreachable", `the connection was gone before it was sent${reason}`, true);
    case "dropped":
      return says("dropped", "the connection ended under it; it may have been done", false);
    case "flood":
      return says("exit", "it wrote more than 16 MiB", false);
    case "timeout": {
      const seconds = Math.round(timeLimitMs(options) / 1000);
      return says("timeout", `it didn't end within ${seconds} s, and may still be at it`, false);
    }
  }
}

/** What is said before anything runs as root, and what to do about it. sudo ends with 1, and a shell that has none with 127. */
const NO_ROOT = [
  {
    code: 1,
    says: /^sudo: .*must have a tty to run sudo/m,
    text: "becomes root on a terminal only",
    advice: "turn that off in its sudoers file: Defaults !requiretty",
  },
  {
    code: 1,
    says: /^sudo: .*(password is required|terminal is required|not in the sudoers|may not run sudo)|is not in the sudoers file/m,
    text: "may not become root without a password",
    advice: "allow it in /etc/sudoers.d",
  },
  {
    code: 127,
    says: /\bsudo: .*not found|(unknown command|not found):? \W?sudo\b/i,
    text: "can't become root: there is no sudo",
    advice: "install it there (apt install sudo)",
  },
] as const;

const TAIL_LINES = 20;

function judged(target: SshTarget, command: string, ended: Ending, { accept = [0], mask, sudo }: RunOptions): Ended {
  const { exitCode, signal } = ended;
  if (exitCode !== undefined && accept.includes(exitCode)) return { ...ended, exitCode };
  const text = masked(ended.stderr.toString("utf8"), mask).trimEnd();
  const stderr = text.split("\n").slice(-TAIL_LINES).join("\n").slice(-4000);
  const fields = { host: targetName(target), command, stderr, exitCode, signal };
  const asRoot = sudo === true && target.user !== "root";
  const noRoot = asRoot ? NO_ROOT.find(({ code, says }) => code === exitCode && says.test(text)) : undefined;
  if (noRoot !== undefined)
    throw new SshError({
      ...fields,
      kind: "privilege",
      text: `${target.user} ${noRoot.text}`,
      advice: `${noRoot.advice}, or use another ${settingName(target, "user")}`,
      noEffect: true,
    });
  const how = exitCode === undefined ? `was ended by signal ${signal ?? "?"}` : `exit code ${exitCode}`;
  throw new SshError({ ...fields, kind: "exit", text: how, noEffect: exitCode === 127 });
}
