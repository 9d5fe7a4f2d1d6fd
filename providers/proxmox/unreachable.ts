/** Words for people about a server that gave no answer: what happened, and what to check. Pure. */
import { ConnectFailure, PinMismatch } from "./tls";

export interface Silence {
  /** One line: host, port, cause and what to check. */
  readonly text: string;
  /** `refused` and `unresolved` may pass by themselves (a service restarting); the others need a person or are ambiguous. */
  readonly kind: "refused" | "unresolved" | "unconnected" | "untrusted" | "dropped" | "timeout" | "other";
  /** Whether no request had left yet. */
  readonly noEffect: boolean;
}

/** @param error what the HTTP client threw. @param endpoint origin of the API. */
export function explainSilence(error: unknown, endpoint: string): Silence {
  const { hostname, port } = new URL(endpoint);
  const server = `${hostname}:${port || "443"}`;
  if (!(error instanceof ConnectFailure)) return { ...afterConnect(error, server), noEffect: false };
  const cause = error.cause as NodeJS.ErrnoException;
  return { ...beforeConnect(cause, server, hostname), noEffect: true };
}

type Words = Omit<Silence, "noEffect">;

function beforeConnect(cause: NodeJS.ErrnoException, server: string, hostname: string): Words {
  if (cause instanceof PinMismatch) return { kind: "untrusted", text: pinText(cause, server) };
  const code = cause.code ?? "";
  switch (code) {
    case "ECONNREFUSED":
      return {
        kind: "refused",
        text: `${server} refuses connections (${code}) - check hypervisor.address or endpoint, and on the node: systemctl status pveproxy`,
      };
    case "ECONNRESET":
      return {
        kind: "refused",
        text: `${server} dropped the connection before it was secure (${code}) - check that this is Proxmox's port`,
      };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return {
        kind: "unresolved",
        text: `${hostname} can't be resolved (${code}) - check the name in the endpoint and this machine's DNS`,
      };
    case "UND_ERR_CONNECT_TIMEOUT":
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "EHOSTDOWN":
    case "ENETUNREACH":
      return {
        kind: "unconnected",
        text: `${server} can't be reached (${code}) - check that the node is on and that this machine has a way to its network`,
      };
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return {
        kind: "untrusted",
        text: `the certificate of ${server} is for another name (${cause.message}) - use a name it is for in hypervisor.endpoint, or pin it: hypervisor.tls.fingerprint`,
      };
    default:
      return CERTIFICATE_CODES.has(code)
        ? {
            kind: "untrusted",
            text: `the certificate of ${server} is not trusted (${cause.message}) - set hypervisor.tls.fingerprint to what the node prints (${FINGERPRINT_COMMAND}), or hypervisor.tls.caFile to a copy of its /etc/pve/pve-root-ca.pem`,
          }
        : {
            kind: "other",
            text: `no TLS connection to ${server} (${code || cause.message}) - check that this is Proxmox's port`,
          };
  }
}

function afterConnect(error: unknown, server: string): Words {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const message = error instanceof Error ? error.message : String(error);
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
    return { kind: "timeout", text: `${server} took the request and didn't answer in time; it may still be at it` };
  }
  if (code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE") {
    return { kind: "dropped", text: `${server} dropped the connection before it answered (${message})` };
  }
  return { kind: "other", text: `${server}: ${message}` };
}

const FINGERPRINT_COMMAND = "openssl x509 -noout -fingerprint -sha256 -in /etc/pve/local/pve-ssl.pem";

const CERTIFICATE_CODES = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "INVALID_CA",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const pinText = ({ pinned, presented }: PinMismatch, server: string): string =>
  `${server} presents a certificate with fingerprint ${presented}, but hypervisor.tls.fingerprint is ${pinned}; nothing was sent - ` +
  `compare with what the node itself prints (${FINGERPRINT_COMMAND}): where that is the new one, set it; otherwise another machine answers in its place`;
