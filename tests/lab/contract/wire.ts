/**
 * A recorded request as bytes to the lab, and its answer. Speaks HTTPS to the one server it is given.
 */
import { Agent, request } from "node:https";
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { Answer } from "./compare";
import type { Json } from "./exchange";

export interface WireRequest {
  readonly method: string;
  /** Below `/api2/json`, encoded. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly query?: string;
  readonly body?: string;
}

export interface Wire {
  send(wanted: WireRequest): Promise<Answer>;
  close(): void;
}

/** @param base of the server: `https://127.0.0.1:PORT`. Its certificate is not this suite's subject. */
export function openWire(base: string): Wire {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, rejectUnauthorized: false });
  return {
    send: (wanted) => send(base, agent, wanted),
    close: () => {
      agent.destroy();
    },
  };
}

function send(base: string, agent: Agent, wanted: WireRequest): Promise<Answer> {
  const separator = wanted.path.includes("?") ? "&" : "?";
  const url = `${base}/api2/json${wanted.path}${wanted.query ? separator + wanted.query : ""}`;
  const body = wanted.body ?? "";
  const headers = { ...wanted.headers, "Content-Length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: wanted.method, headers, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const { statusCode, statusMessage } = response;
        resolve({ status: statusCode ?? 0, reason: statusMessage ?? "", ...bodyOf(text, response.headers) });
      });
    });
    sent.on("timeout", () =>
      sent.destroy(new Error(`${wanted.method} ${wanted.path}: no answer from the lab in 10 s`)),
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

function bodyOf(text: string, headers: IncomingHttpHeaders): Pick<Answer, "body" | "rawBody"> {
  if (!headers["content-type"]?.startsWith("application/json")) return { body: null, rawBody: text };
  return { body: JSON.parse(text) as Json };
}
