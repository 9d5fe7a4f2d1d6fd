/** What tells one version of a stack's file from another: its bytes, and whether it may be run. Pure. */
import { createHash } from "node:crypto";

export const sha256 = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");

const EXECUTABLE = " 0755";

/** SHA-256 in hex, with the mode of one that may be run behind it. */
export const digestOf = (content: string | Buffer, executable: boolean): string => marked(sha256(content), executable);

export const marked = (sum: string, executable: boolean): string => (executable ? `${sum}${EXECUTABLE}` : sum);

export const isExecutable = (digest: string): boolean => digest.endsWith(EXECUTABLE);

export const DIGEST = new RegExp(`^[0-9a-f]{64}(${EXECUTABLE})?$`);
