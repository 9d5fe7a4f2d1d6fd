/** What makes a server's certificate the right one. There is no way to leave the question open. Pure. */
import type { Problem } from "../../values/problem";

export type Trust =
  /** Issued by an authority that the system trusts, for this host name. */
  | { readonly kind: "system" }
  /** Issued by an authority in this PEM file, for this host name. */
  | { readonly kind: "ca"; readonly file: string }
  /** This very certificate: SHA-256, upper-case hex with colons, as Node and OpenSSL print it. */
  | { readonly kind: "pin"; readonly fingerprint: string };

interface TlsSettings {
  readonly fingerprint?: string;
  readonly caFile?: string;
}

/** @param tls the section `hypervisor.tls`; the system's authorities count where it says nothing. */
export function trustFrom(tls: TlsSettings = {}): Trust | Problem {
  if (tls.fingerprint !== undefined && tls.caFile !== undefined) {
    const fix = "remove one; the fingerprint is the stricter";
    return { path: "hypervisor.tls", rule: "takes either fingerprint or caFile", fix };
  }
  if (tls.caFile !== undefined) return { kind: "ca", file: tls.caFile };
  if (tls.fingerprint === undefined) return { kind: "system" };
  const fingerprint = canonicalFingerprint(tls.fingerprint);
  if (fingerprint !== undefined) return { kind: "pin", fingerprint };
  return {
    path: "hypervisor.tls.fingerprint",
    value: tls.fingerprint,
    rule: "must be a SHA-256 fingerprint: 32 bytes in hex, with or without colons",
    fix: "take it from the node: openssl x509 -noout -fingerprint -sha256 -in /etc/pve/local/pve-ssl.pem",
  };
}

function canonicalFingerprint(text: string): string | undefined {
  const hex = text.trim().replaceAll(":", "").toUpperCase();
  return /^[0-9A-F]{64}$/.test(hex) ? hex.replace(/(..)(?!$)/g, "$1:") : undefined;
}
