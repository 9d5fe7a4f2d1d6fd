/**
 * One request, one typed result or one typed error; no retries, no logging. Opens connections to the endpoint only.
 */
import { Pool, type Dispatcher } from "undici";
import { ProxmoxError, type Params } from "./client";
import { isOuterLockTimeout } from "./classify";
import { encodeForm } from "./form";
import { connectorFor } from "./tls";
import type { Trust } from "./trust";
import { explainSilence } from "./unreachable";

export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api2/json`. */
  readonly path: string;
  readonly params?: Params;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TransportOptions {
  /** @default 16 */
  readonly connections?: number;
  /** @default 10 000 */
  readonly connectTimeoutMs?: number;
  /** Longer than the 30 s after which pveproxy itself gives up on the node (596). @default 45 000 */
  readonly answerTimeoutMs?: number;
  /** Shorter than the 5 s after which pveproxy closes an idle connection under a request. @default 3 000 */
  readonly idleMs?: number;
}

export interface Transport {
  /** The answer's `data`. @throws ProxmoxError */
  send(request: Request): Promise<unknown>;
  close(): Promise<void>;
}

/** Idle connections don't keep the process alive: undici unreferences them. */
export function openTransport(endpoint: string, trust: Trust, options: TransportOptions = {}): Transport {
  const answerTimeoutMs = options.answerTimeoutMs ?? 45_000;
  const pool = new Pool(endpoint, {
    connections: options.connections ?? 16,
    connect: connectorFor(trust, options.connectTimeoutMs ?? 10_000),
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
    keepAliveTimeout: options.idleMs ?? 3_000,
    // A server's own hint may shorten this time, and not lengthen it.
    keepAliveMaxTimeout: options.idleMs ?? 3_000,
  });
  return {
    send: async (request) => readAnswer(request, await exchange(pool, endpoint, request)),
    close: () => pool.close(),
  };
}

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
}

async function exchange(pool: Dispatcher, endpoint: string, request: Request): Promise<Answer> {
  const { method, path } = request;
  const form = encodeForm(request.params);
  const inQuery = method === "GET" || method === "DELETE";
  try {
    const { statusCode, statusText, body } = await pool.request({
      method,
      path: `/api2/json${path}${inQuery && form !== "" ? `?${form}` : ""}`,
      headers: {
        accept: "application/json",
        ...(inQuery ? {} : { "content-type": "application/x-www-form-urlencoded" }),
        ...request.headers,
      },
      ...(inQuery ? {} : { body: form }),
    });
    return { status: statusCode, reason: statusText, body: await body.text() };
  } catch (error) {
    const { text, noEffect } = explainSilence(error, endpoint);
    throw new ProxmoxError({ method, path, text, noEffect }, { cause: error });
  }
}

/** @throws ProxmoxError for every status but 2xx, and for an answer that is not Proxmox's. */
function readAnswer({ method, path, params }: Request, { status, reason, body }: Answer): unknown {
  const json = parseObject(body);
  if (status >= 200 && status < 300) {
    if (json !== undefined && "data" in json) return json.data;
    const text = "the answer is not Proxmox's JSON - check that the endpoint is a Proxmox VE API";
    throw new ProxmoxError({ method, path, status, text });
  }
  const secrets = secretsOf(params);
  const text = withoutSecrets(typeof json?.message === "string" ? json.message.trimEnd() : reason, secrets);
  const errors = json === undefined ? undefined : errorsOf(json, secrets);
  // 401 and 501 come before the handler; of 403 and 400 some come in the middle of it (a failed hotplug is 400).
  const noEffect = status === 401 || status === 501 || isOuterLockTimeout(text, path);
  throw new ProxmoxError({
    method,
    path,
    status,
    text: text || "(no text)",
    errors,
    ...(noEffect ? { noEffect } : {}),
  });
}

function errorsOf(json: Record<string, unknown>, secrets: readonly string[]): Record<string, string> | undefined {
  if (typeof json.errors !== "object" || json.errors === null) return undefined;
  const entries = Object.entries(json.errors).map(([key, text]) => [
    key,
    withoutSecrets(String(text).trimEnd(), secrets),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Proxmox quotes a value that it refuses (`type check failed - got 'x'`): those of secret parameters are taken out. */
function secretsOf(params: Params = {}): string[] {
  return Object.entries(params).flatMap(([key, value]) =>
    /password|secret|token/i.test(key) && typeof value === "string" && value !== "" ? [value] : [],
  );
}

const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
