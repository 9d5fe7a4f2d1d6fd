/** Host keys: how they are written down, and whether one is the pinned one. Pure. */
import { createHash } from "node:crypto";

/** Kinds of host keys in the order in which they are asked for, with the signature algorithms of each. */
export const HOST_KEY_ALGORITHMS = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
} as const;

export type HostKeyKind = keyof typeof HOST_KEY_ALGORITHMS;

export const HOST_KEY_KINDS = Object.keys(HOST_KEY_ALGORITHMS) as readonly HostKeyKind[];

export interface HostKeyPin {
  /** `SHA256:` and 43 characters of base64, as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
  /** Where the key itself is pinned; a fingerprint doesn't tell. */
  readonly kind?: HostKeyKind;
}

/** As OpenSSH prints it. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

/** The kind that the key's own first field says; `undefined` where it is none of ours. */
export function kindOf(key: Buffer): HostKeyKind | undefined {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const kind = key.subarray(4, 4 + length).toString("latin1");
  return HOST_KEY_KINDS.find((known) => known === kind);
}

/**
 * @param text `SHA256:...` or a public key: a line of `ssh_host_ed25519_key.pub`, of `known_hosts` or of `ssh-keyscan`.
 * @returns `undefined` where it is neither.
 */
export function parseHostKey(text: string): HostKeyPin | undefined {
  const trimmed = text.trim();
  const [, digest] = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(trimmed) ?? [];
  if (digest !== undefined) return { fingerprint: `SHA256:${digest}` };
  const [, kind = "", base64 = ""] = /(?:^|\s)(ssh-[a-z0-9]+|ecdsa-sha2-[a-z0-9]+)\s+(\S+)/.exec(trimmed) ?? [];
  const key = Buffer.from(base64, "base64");
  const known = kindOf(key);
  return known !== undefined && known === kind ? { fingerprint: fingerprintOf(key), kind: known } : undefined;
}

export const HOST_KEY_RULE =
  "a host key is SHA256:... or the public key itself - on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub";
