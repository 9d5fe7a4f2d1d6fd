/**
 * What the Proxmox resources ask of the API: typed results, or one typed error. Parameters are given as values;
 * booleans become 1 and 0, and everything is percent-encoded on the wire (PVE 8.4 splits form pairs on every `=`).
 */

export type Param = string | number | boolean;
export type Params = Readonly<Record<string, Param | undefined>>;

export interface TaskResult {
  /** Lines of the task's log that its `WARNINGS: n` ending counts; empty after a plain `OK`. */
  readonly warnings: readonly string[];
}

export interface ProxmoxClient {
  /** @param path below `/api2/json`, already encoded: `/nodes/pve/qemu/100/config`. */
  get<T>(path: string, query?: Params): Promise<T>;
  post<T>(path: string, body?: Params): Promise<T>;
  put<T>(path: string, body?: Params): Promise<T>;
  delete<T>(path: string, query?: Params): Promise<T>;
  /** Follows a task (UPID) to its end; throws a `ProxmoxError` with the log's tail when it failed or timed out. */
  task(upid: string, options?: { readonly timeoutMs?: number }): Promise<TaskResult>;
  close(): Promise<void>;
}

/** The task that an error is the end of. */
export interface FailedTask {
  readonly upid: string;
  /** `qmcreate`, `resize`. */
  readonly type: string;
  /** What it was about, a VMID mostly; may be empty. */
  readonly id: string;
  /** The last lines of its log, where they could be read. */
  readonly log: readonly string[];
}

export interface ProxmoxErrorFields {
  readonly method: string;
  readonly path: string;
  /** HTTP status; `undefined` where no answer came, and in a task's failure. */
  readonly status?: number;
  /** The server's text: reason phrase or `message`, or a task's exit status, without trailing newline. */
  readonly text: string;
  /** Per parameter, as in the answer's `errors`. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Whether the server can't have acted: refused before the handler ran, or never reached. */
  readonly noEffect?: boolean;
  /** Given where the request was accepted and its task failed, or didn't end in time. */
  readonly task?: FailedTask;
  /** What to do about it, for people; no part of the text that is compared. */
  readonly advice?: string;
}

/** The one error of this protocol. Its message is for people: what was asked, what was answered. */
export class ProxmoxError extends Error implements ProxmoxErrorFields {
  readonly method: string;
  readonly path: string;
  readonly status?: number;
  readonly text: string;
  readonly errors?: Readonly<Record<string, string>>;
  readonly noEffect?: boolean;
  readonly task?: FailedTask;
  readonly advice?: string;

  /** @param options `cause`: what the HTTP client threw, where no answer came. */
  constructor(fields: ProxmoxErrorFields, options?: ErrorOptions) {
    super(messageOf(fields), options);
    this.name = "ProxmoxError";
    this.method = fields.method;
    this.path = fields.path;
    this.status = fields.status;
    this.text = fields.text;
    this.errors = fields.errors;
    this.noEffect = fields.noEffect;
    this.task = fields.task;
    this.advice = fields.advice;
  }

  /** The same error with words for people on what to do. */
  advised(advice: string): ProxmoxError {
    const { method, path, status, text, errors, noEffect, task, cause } = this;
    return new ProxmoxError({ method, path, status, text, errors, noEffect, task, advice }, { cause });
  }
}

function messageOf({ method, path, status, text, errors, task, advice }: ProxmoxErrorFields): string {
  const subject = task
    ? `task ${`${task.type} ${task.id}`.trim()} (${task.upid})`
    : `${method} ${path}: ${status ?? "no answer"}`;
  const details = Object.entries(errors ?? {}).map(([key, reason]) => `${key}: ${reason.trim()}`);
  const log = task && task.log.length > 0 ? ["its log ends:", ...task.log.map((line) => `  ${line}`)] : [];
  const first = `${subject}: ${text}${advice === undefined ? "" : ` - ${advice}`}`;
  return [first, ...details, ...log].join("\n  ");
}
