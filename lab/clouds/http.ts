/** A small JSON API over HTTP: routes by method and path, bodies as objects, problems as the cloud words them. */
import type { IncomingMessage, ServerResponse } from "node:http";

export type Body = Readonly<Record<string, unknown>>;

export interface CloudCall {
  /** Parts of the path that the route leaves open, in order. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Body;
}

export interface CloudReply {
  readonly status: number;
  /** Left out: an answer without content. */
  readonly json?: unknown;
}

export interface CloudRoute {
  readonly method: string;
  readonly path: RegExp;
  readonly changes: boolean;
  readonly handle: (call: CloudCall) => CloudReply;
}

/** What a cloud refuses: its status and the whole body that it answers. */
export class CloudProblem extends Error {
  constructor(
    readonly status: number,
    readonly json: unknown,
  ) {
    super(`the cloud answers ${status}`);
  }
}

/** @param path with `:name` where anything but a slash may stand. */
export function route(method: string, path: string, handle: CloudRoute["handle"]): CloudRoute {
  const pattern = path.replace(/\./g, "\\.").replace(/:\w+/g, "([^/]+)");
  return { method, path: new RegExp(`^${pattern}$`), changes: method !== "GET", handle };
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

export function send(response: ServerResponse, { status, json }: CloudReply): void {
  if (json === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
}

export const isRecord = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @returns `undefined` where it is no JSON object. */
export function parseBody(text: string): Body | undefined {
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
