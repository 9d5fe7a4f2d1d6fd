/** Whose an OpenPGP key is: fingerprints of a public key file as apt takes it (RFC 9580, armored, version 4). Pure. */
import { createHash } from "node:crypto";

const PUBLIC_KEY = 6;
const PUBLIC_SUBKEY = 14;

function dearmored(text: string): Buffer {
  const [, body] =
    /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\n]*:[^\n]*\n)*\r?\n([\s\S]*?)\r?\n(?:=[A-Za-z0-9+/]{4}\r?\n)?-----END PGP/.exec(
      text,
    ) ?? [];
  if (body === undefined) throw new Error("it is no PGP PUBLIC KEY BLOCK");
  return Buffer.from(body, "base64");
}

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

/** Where a packet's body begins and how long it is: RFC 9580, 4.2. */
function extent(bytes: Buffer, at: number): { readonly tag: number; readonly start: number; readonly length: number } {
  const first = bytes.readUInt8(at);
  if ((first & 0x40) === 0) {
    const size = [1, 2, 4][first & 3];
    if (size === undefined) throw new Error("a packet has no length");
    return { tag: (first >> 2) & 15, start: at + 1 + size, length: bytes.readUIntBE(at + 1, size) };
  }
  const tag = first & 63;
  const octet = bytes.readUInt8(at + 1);
  if (octet < 192) return { tag, start: at + 2, length: octet };
  if (octet < 224) return { tag, start: at + 3, length: ((octet - 192) << 8) + bytes.readUInt8(at + 2) + 192 };
  if (octet === 255) return { tag, start: at + 6, length: bytes.readUInt32BE(at + 2) };
  throw new Error("a packet comes in parts");
}

function packets(bytes: Buffer): Packet[] {
  const found: Packet[] = [];
  for (let at = 0; at < bytes.length;) {
    const { tag, start, length } = extent(bytes, at);
    if (start + length > bytes.length) throw new Error("it ends in the middle");
    found.push({ tag, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function fingerprint(body: Buffer): string {
  if (body.readUInt8(0) !== 4) throw new Error(`a key of version ${body.readUInt8(0)}`);
  const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
  return createHash("sha1").update(head).update(body).digest("hex").toUpperCase();
}

/**
 * Of every key and subkey in it, in their order: apt trusts them all alike.
 * @throws Error where it is none, or of a kind that isn't known.
 */
export function fingerprints(text: string): string[] {
  try {
    const keys = packets(dearmored(text)).filter(({ tag }) => tag === PUBLIC_KEY || tag === PUBLIC_SUBKEY);
    return keys.map(({ body }) => fingerprint(body));
  } catch (error) {
    // Beyond its end, as Node says it.
    if (error instanceof RangeError) throw new Error("it ends in the middle", { cause: error });
    throw error;
  }
}
