/** The client of one Proxmox: transport, authentication, retries and tasks put together. */
import { authenticate } from "./auth";
import { ProxmoxError, type Params, type ProxmoxClient } from "./client";
import type { Connection } from "./connection";
import { mayRepeatRequest, repeating, type RetryOptions } from "./retry";
import { followTask, type TaskOptions } from "./tasks";
import { openTransport, type Request, type TransportOptions } from "./transport";

export interface ClientOptions {
  readonly transport?: TransportOptions;
  readonly retry?: RetryOptions;
  readonly task?: TaskOptions;
  /** Milliseconds; the clock of tickets and time-outs. @default Date.now */
  readonly now?: () => number;
  /** Asked for the code where a login by password needs one. */
  readonly secondFactor?: () => Promise<string>;
}

/**
 * Opens nothing yet: the first request does.
 * @throws Error where the CA file can't be read.
 */
export function connect(connection: Connection, options: ClientOptions = {}): ProxmoxClient {
  const now = options.now ?? Date.now;
  const transport = openTransport(connection.endpoint, connection.trust, options.transport);
  const sendRepeating = (request: Request): Promise<unknown> =>
    repeating(() => transport.send(request), mayRepeatRequest, options.retry);
  const authentication = authenticate(connection.credentials, sendRepeating, {
    now,
    secondFactor: options.secondFactor,
  });

  async function ask(method: Request["method"], path: string, params?: Params): Promise<unknown> {
    const headers = await authentication.headers(method);
    const send = (given: typeof headers): Promise<unknown> => sendRepeating({ method, path, params, headers: given });
    try {
      return await send(headers).catch(async (error: unknown) => {
        if (!isUnauthorised(error) || !authentication.refused(headers)) throw error;
        return send(await authentication.headers(method));
      });
    } catch (error) {
      throw isUnauthorised(error) ? error.advised(authentication.advice) : error;
    }
  }

  return {
    get: <T>(path: string, query?: Params) => ask("GET", path, query) as Promise<T>,
    post: <T>(path: string, body?: Params) => ask("POST", path, body) as Promise<T>,
    put: <T>(path: string, body?: Params) => ask("PUT", path, body) as Promise<T>,
    delete: <T>(path: string, query?: Params) => ask("DELETE", path, query) as Promise<T>,
    task: (upid, { timeoutMs } = {}) =>
      followTask((path, query) => ask("GET", path, query), upid, now, {
        ...options.task,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }),
    close: () => transport.close(),
  };
}

/** 401 comes before the handler: repeating it with a new ticket is safe for every method. */
const isUnauthorised = (error: unknown): error is ProxmoxError => error instanceof ProxmoxError && error.status === 401;
