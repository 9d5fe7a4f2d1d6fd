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

export interface ProxmoxErrorFields {
  readonly method: string;
  readonly path: string;
  /** HTTP status; `undefined` where no answer came. */
  readonly status?: number;
  /** The server's text: reason phrase or `message`, without trailing newline. */
  readonly text: string;
  /** Per parameter, as in the answer's `errors`. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Whether the server can't have acted: refused before the handler ran, or never reached. */
  readonly noEffect?: boolean;
}

/** The one error of this protocol. Its message is for people: what was asked, what was answered. */
export class ProxmoxError extends Error implements ProxmoxErrorFields {
  readonly method: string;
  readonly path: string;
  readonly status?: number;
  readonly text: string;
  readonly errors?: Readonly<Record<string, string>>;
  readonly noEffect?: boolean;

  constructor(fields: ProxmoxErrorFields) {
    const details = Object.entries(fields.errors ?? {}).map(([key, text]) => `\n  ${key}: ${text.trim()}`);
    super(`${fields.method} ${fields.path}: ${fields.status ?? "no answer"}: ${fields.text}${details.join("")}`);
    this.name = "ProxmoxError";
    this.method = fields.method;
    this.path = fields.path;
    this.status = fields.status;
    this.text = fields.text;
    this.errors = fields.errors;
    this.noEffect = fields.noEffect;
  }
}
