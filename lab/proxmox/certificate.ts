/** A self-signed certificate of the lab's own, as a fresh Proxmox has, and its fingerprint. Touches the file it is kept in. */
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { generate } from "selfsigned";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** For 127.0.0.1 and localhost, valid for ten years. */
export async function selfSigned(): Promise<Certificate> {
  const day = 24 * 60 * 60 * 1000;
  const made = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: new Date(Date.now() + 3650 * day),
    extensions: [
      {
        name: "subjectAltName",
        altNames: [
          { type: 7, ip: "127.0.0.1" },
          { type: 2, value: "localhost" },
        ],
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** The certificate kept at `path`, made on the first call: a server that comes back is known again. */
export async function keptCertificate(path: string): Promise<Certificate> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Certificate;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const made = await selfSigned();
  writeFileSync(path, JSON.stringify(made), { mode: 0o600 });
  return made;
}

/** SHA-256, `AA:BB:...`, as Proxmox shows it. */
export const fingerprintOf = (cert: string): string => new X509Certificate(cert).fingerprint256;
