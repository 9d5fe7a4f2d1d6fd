/** Values that Proxmox rewrites on their way into a configuration. Pure. */
import { createHash } from "node:crypto";
import { splitList } from "../wire/formats";
import { Problem } from "../wire/problem";

/** Lower-cased, sorted, unique: what an update makes of tags (a create keeps them as sent). */
export const uniqueTags = (text: string): string => [...new Set(splitList(text.toLowerCase()))].sort().join(";");

const HASHED = /^\$(?:[156]|2[ay])(\$.+){2}/;
export const hashedPassword = (text: string): string =>
  HASHED.test(text) ? text : `$5$lab$${createHash("sha256").update(text).digest("base64url")}`;

const KEY_LINE = /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-\S+|sk-\S+)\s+[A-Za-z0-9+/=]{16,}(\s.*)?$/;

/** @throws Problem 500 where a line of the encoded text is no public key */
export function checkSshKeys(encoded: string): void {
  const lines = decodeURIComponent(encoded)
    .split("\n")
    .filter((line) => line.trim() !== "");
  if (!lines.every((line) => KEY_LINE.test(line))) throw Problem.failed("SSH public key validation error");
}

export const isWindows = (osType: string | undefined): boolean => /^(w|win)/.test(osType ?? "");
export const PINNED_MACHINE = "pc-i440fx-9.2+pve1";
export const DEFAULT_MEMORY_MIB = 512;
export const memoryMib = (text: string | undefined): number =>
  text === undefined ? DEFAULT_MEMORY_MIB : Number(/\d+/.exec(text)?.[0] ?? DEFAULT_MEMORY_MIB);
