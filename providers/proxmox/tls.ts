/**
 * How a connection is opened: HTTPS whose certificate was verified before a byte of HTTP is written. Opens sockets; reads
 * the CA file.
 */
import { readFileSync } from "node:fs";
import { TLSSocket } from "node:tls";
import { buildConnector } from "undici";
import type { Trust } from "./trust";

/** The connection was not made: no request has left. `cause` is the socket's error. */
export class ConnectFailure extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = "ConnectFailure";
  }
}

/** Another certificate than the pinned one. */
export class PinMismatch extends Error {
  /** @param presented fingerprint of the server's certificate, in the pin's form. */
  constructor(
    readonly pinned: string,
    readonly presented: string,
  ) {
    super(`the server presents ${presented}, pinned is ${pinned}`);
    this.name = "PinMismatch";
  }
}

/**
 * A connector for undici, which writes to a socket only after its callback got it. After a time-out it answers for the
 * silent host itself for a moment: what waits in the pool's queue would otherwise wait for the same again, one after another.
 * @throws Error where the CA file can't be read.
 */
export function connectorFor(trust: Trust, timeoutMs: number): buildConnector.connector {
  const open = buildConnector({ ...verification(trust), timeout: timeoutMs, allowH2: false, maxCachedSessions: 0 });
  // Long enough for the queue to empty, short enough for a person who tries again.
  const silenceMs = timeoutMs / 5;
  let silent: { readonly failure: ConnectFailure; readonly until: number } | undefined;
  return (options, callback) => {
    if (silent !== undefined && performance.now() < silent.until) {
      setImmediate(callback, silent.failure, null);
      return;
    }
    open(options, (error, socket) => {
      silent =
        error !== null && isTimeout(error)
          ? { failure: new ConnectFailure(error), until: performance.now() + silenceMs }
          : undefined;
      const refusal = error ?? refusalOf(trust, socket);
      if (refusal === undefined && socket !== null) {
        callback(null, socket);
        return;
      }
      socket?.destroy();
      callback(new ConnectFailure(refusal ?? new Error("no socket")), null);
    });
  };
}

const isTimeout = (error: NodeJS.ErrnoException): boolean =>
  error.code === "UND_ERR_CONNECT_TIMEOUT" || error.code === "ETIMEDOUT";

/**
 * `rejectUnauthorized` is always said, so that NODE_TLS_REJECT_UNAUTHORIZED in somebody's environment changes nothing. A
 * pinned certificate is commonly self-signed: the pin takes the place of the chain and the host name, and is compared in
 * {@link refusalOf}, because Node asks `checkServerIdentity` only about certificates whose chain it verified.
 */
function verification(trust: Trust): { rejectUnauthorized: boolean; ca?: string } {
  if (trust.kind === "pin") return { rejectUnauthorized: false };
  return { rejectUnauthorized: true, ...(trust.kind === "ca" ? { ca: readAuthorities(trust.file) } : {}) };
}

/** A resumed session shows the certificate of an earlier connection: with the session cache off there is none. */
function refusalOf(trust: Trust, socket: unknown): Error | undefined {
  if (!(socket instanceof TLSSocket)) return new Error("the connection is not encrypted");
  if (trust.kind !== "pin") return undefined;
  if (socket.isSessionReused()) return new Error("a resumed TLS session can't be held against the pin");
  const presented = (socket.getPeerCertificate() as { fingerprint256?: string }).fingerprint256 ?? "no certificate";
  return presented === trust.fingerprint ? undefined : new PinMismatch(trust.fingerprint, presented);
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    throw new Error(
      `hypervisor.tls.caFile: ${file}: can't be read (${code}) - copy the node's /etc/pve/pve-root-ca.pem there`,
    );
  }
}
