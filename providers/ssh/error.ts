/** The one error of this protocol: which host, which command, what it said. Secrets in it are masked by who throws it. */

export type SshFailure =
  /** The target itself can't be used: an unreadable key, a missing agent. Nothing was sent. */
  | "target"
  /** Nobody answers there, or not as an SSH server does. */
  | "unreachable"
  /** The host is not the one that is pinned. */
  | "host-key"
  /** The host doesn't let this user in with this key. */
  | "denied"
  /** The connection ended under the command. */
  | "dropped"
  /** The command didn't end in time, and may still be at it. */
  | "timeout"
  /** `sudo -n` asks for a password. */
  | "privilege"
  /** The command ended with an exit code that is no answer, or by a signal. */
  | "exit"
  /** A file operation was refused. */
  | "file"
  /** This run must not change anything. */
  | "read-only";

export interface SshErrorFields {
  readonly kind: SshFailure;
  /** `root@192.168.86.106`, with the port where it isn't 22. */
  readonly host: string;
  /** The command as it was sent, or the file operation: `write /etc/motd`. */
  readonly command?: string;
  /** What happened, in one line. */
  readonly text: string;
  readonly exitCode?: number;
  /** `KILL` */
  readonly signal?: string;
  /** The last lines of it. */
  readonly stderr?: string;
  /** Whether the host can't have acted: nothing was sent, or it was refused before anything ran. */
  readonly noEffect: boolean;
  /** What to do about it, for people. */
  readonly advice?: string;
}

/** Its message is for people: host, command, what happened, what to do, and the end of stderr. */
export class SshError extends Error implements SshErrorFields {
  readonly kind: SshFailure;
  readonly host: string;
  readonly command?: string;
  readonly text: string;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly stderr?: string;
  readonly noEffect: boolean;
  readonly advice?: string;

  constructor(fields: SshErrorFields, options?: ErrorOptions) {
    super(messageOf(fields), options);
    this.name = "SshError";
    this.kind = fields.kind;
    this.host = fields.host;
    this.command = fields.command;
    this.text = fields.text;
    this.exitCode = fields.exitCode;
    this.signal = fields.signal;
    this.stderr = fields.stderr;
    this.noEffect = fields.noEffect;
    this.advice = fields.advice;
  }
}

function messageOf({ host, command, text, stderr, advice }: SshErrorFields): string {
  const subject = command === undefined ? host : `${host}: ${command}`;
  const lines = (stderr ?? "").split("\n").filter((line) => line.trim() !== "");
  return [`${subject}: ${text}${advice === undefined ? "" : ` - ${advice}`}`, ...lines].join("\n  ");
}
