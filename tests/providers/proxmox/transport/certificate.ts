/** Self-signed certificates for loopback servers, made on the spot. */
import { X509Certificate } from "node:crypto";
import { generate } from "selfsigned";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** SHA-256, upper-case hex with colons. */
  readonly fingerprint: string;
}

/** @param addresses what the certificate is for; a client that verifies names accepts these only. */
export async function makeCertificate(addresses: readonly string[] = ["127.0.0.1"]): Promise<Certificate> {
  const pems = await generate([{ name: "commonName", value: "pve.test" }], {
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: addresses.map((ip) => ({ type: 7 as const, ip })) },
    ],
  });
  return { key: pems.private, cert: pems.cert, fingerprint: new X509Certificate(pems.cert).fingerprint256 };
}
