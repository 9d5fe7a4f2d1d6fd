/** A loopback HTTPS server whose answers a test decides one by one, and which remembers what it heard. */
import { createServer, type Server } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Connection } from "../../../../providers/proxmox/connection";
import { makeCertificate, type Certificate } from "./certificate";

export interface Heard {
  readonly method: string;
  /** With the query, below `/api2/json`. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer, or what goes wrong instead; `data` is short for 200 with that data. */
export type Reply =
  | { readonly data: unknown }
  | { readonly status: number; readonly reason?: string; readonly body?: string }
  | "drop"
  | "hang";

export interface TestServer {
  readonly connection: Connection;
  readonly heard: Heard[];
  /** TCP connections so far. */
  connections(): number;
  close(): Promise<void>;
}

let certificate: Promise<Certificate> | undefined;

/** @param answer decides on a request, `nth` from 1. @param port any free one by default. */
export async function startServer(
  answer: (request: Heard, nth: number) => Reply | Promise<Reply>,
  credentials: Connection["credentials"] = { kind: "token", token: "root@pam!test=s3cret" },
  port = 0,
): Promise<TestServer> {
  certificate ??= makeCertificate();
  const { key, cert, fingerprint } = await certificate;
  const heard: Heard[] = [];
  let connections = 0;
  const server = createServer({ key, cert }, (request, response) => {
    void read(request).then(async (body) => {
      const path = (request.url ?? "").replace("/api2/json", "");
      const entry: Heard = { method: request.method ?? "", path, headers: request.headers, body };
      write(request, response, await answer(entry, heard.push(entry)));
    });
  });
  server.on("connection", () => (connections += 1));
  const bound = await listen(server, port);
  return {
    connection: {
      endpoint: `https://127.0.0.1:${String(bound)}`,
      trust: { kind: "pin", fingerprint },
      credentials,
      rootTicket: false,
    },
    heard,
    connections: () => connections,
    close: () => stop(server),
  };
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });

async function read(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

function write(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (reply === "drop") request.socket.destroy();
  if (reply === "drop" || reply === "hang") return;
  const { status, reason, body } =
    "data" in reply ? { status: 200, reason: "OK", body: JSON.stringify({ data: reply.data }) } : reply;
  response.writeHead(status, reason, { "content-type": "application/json;charset=UTF-8" }).end(body);
}
