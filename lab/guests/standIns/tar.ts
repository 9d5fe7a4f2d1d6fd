/** Tar archives (POSIX ustar) that are the same for the same entries: everything is root's, and from 1970. Pure. */

interface Named {
  /** Without a leading slash, 100 bytes at most. */
  readonly path: string;
  readonly mode: number;
}

export type Entry = Named &
  (
    | { readonly kind: "file"; readonly content: Buffer | string }
    | { readonly kind: "folder" }
    | { readonly kind: "link"; readonly to: string }
  );

const BLOCK = 512;
const TYPES = { file: "0", link: "2", folder: "5" } as const;

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;

function header(entry: Entry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const put = (text: string, at: number, width: number): void => {
    if (Buffer.byteLength(text) > width)
      throw new Error(`${entry.path}: ${text} is longer than the ${width} bytes that a tar has for it`);
    block.write(text, at, "utf8");
  };
  put(entry.kind === "folder" ? `${entry.path}/` : entry.path, 0, 100);
  put(octal(entry.mode, 8), 100, 8);
  put(octal(0, 8), 108, 8);
  put(octal(0, 8), 116, 8);
  put(octal(size, 12), 124, 12);
  put(octal(0, 12), 136, 12);
  put(" ".repeat(8), 148, 8);
  put(TYPES[entry.kind], 156, 1);
  if (entry.kind === "link") put(entry.to, 157, 100);
  put("ustar\x0000", 257, 8);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148, 8);
  return block;
}

/** In the order in which they are given: a folder before what is in it. */
export function tar(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = entry.kind === "file" ? Buffer.from(entry.content) : Buffer.alloc(0);
    return [header(entry, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}
