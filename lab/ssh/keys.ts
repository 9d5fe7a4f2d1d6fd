/** Keys for the lab's hosts and users: made, and made public. Pure but for the randomness. */
import { generateKeyPairSync } from "node:crypto";
import { utils } from "ssh2";

export interface KeyPair {
  /** PEM. */
  readonly private: string;
  /** As a line of `authorized_keys`. */
  readonly public: string;
}

/** The line of `authorized_keys` that belongs to a private key. @throws Error where it is none */
export function publicLine(privateKey: string): string {
  const key = utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}

/** ECDSA by Node itself: of the Ed25519 keys that ssh2 makes one in a hundred can't be read. */
export function newKey(): KeyPair {
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "sec1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return { private: privateKey, public: publicLine(privateKey) };
}
