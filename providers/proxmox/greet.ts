/**
 * Which certificate a server shows, before anybody decides whether to trust it. Opens one connection, reads the
 * certificate, and closes it without a byte of HTTP: no credential can leave.
 */
import { isIP } from "node:net";
import { connect } from "node:tls";
import { ConnectFailure } from "./tls";
import { explainSilence } from "./unreachable";

export interface Greeting {
  /** SHA-256 in the form of `hypervisor.tls.fingerprint`. */
  readonly fingerprint: string;
  /** `pve.lan`, as the certificate calls itself; may be empty. */
  readonly subject: string;
  /** When it ends. */
  readonly validTo: Date;
  /** Whether an authority of the system issued it, for this host name. */
  readonly trusted: boolean;
}

/**
 * @param endpoint origin of the API.
 * @throws Error with words for people where there is no TLS connection.
 */
export function greet(endpoint: string, timeoutMs = 10_000): Promise<Greeting> {
  const { hostname, port } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port || "443"),
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    const fail = (cause: Error): void => {
      socket.destroy();
      reject(new Error(explainSilence(new ConnectFailure(cause), endpoint).text, { cause }));
    };
    socket.setTimeout(timeoutMs, () => {
      fail(Object.assign(new Error("time-out"), { code: "ETIMEDOUT" }));
    });
    socket.once("error", fail);
    socket.once("secureConnect", () => {
      const { fingerprint256, subject, valid_to: validTo } = socket.getPeerCertificate();
      const { authorized: trusted } = socket;
      socket.destroy();
      resolve({ fingerprint: fingerprint256, subject: String(subject.CN), validTo: new Date(validTo), trusted });
    });
  });
}
