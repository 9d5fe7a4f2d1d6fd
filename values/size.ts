/**
 * Sizes as people write them: `82GiB`, `512MiB`, `1.5TiB`, `4TB`. Parsed once, at the edge; bytes inside.
 * Binary units are powers of 1024, decimal ones of 1000 (IEC 80000-13). Pure.
 */

const UNITS = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
} as const;

type Unit = keyof typeof UNITS;

export type Size = `${number}${Unit}`;

const SIZE = /^(\d+)(?:\.(\d+))?\s*(B|KiB|MiB|GiB|TiB|KB|MB|GB|TB)$/;

export const SIZE_RULE = "a size is a number with a unit: 512MiB, 82GiB, 1.5TiB, 4TB";

/** Bytes of a size; `undefined` where the text is not one, or not a whole number of bytes that a double holds exactly. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (!match) return undefined;
  const [, whole = "", fraction = "", unit = "B"] = match;
  // In whole numbers: as doubles, 0.067 times 1e9 is no whole number of bytes.
  const scaled = BigInt(whole + fraction) * BigInt(UNITS[unit as Unit]);
  const scale = 10n ** BigInt(fraction.length);
  const bytes = scaled / scale;
  return scaled % scale === 0n && bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : undefined;
}

/** The canonical text of a number of bytes: the largest binary unit that divides it (`86973087744` is `81GiB`). */
export function formatSize(bytes: number): Size {
  const unit = (["TiB", "GiB", "MiB", "KiB"] as const).find((u) => bytes >= UNITS[u] && bytes % UNITS[u] === 0);
  return unit ? `${bytes / UNITS[unit]}${unit}` : `${bytes}B`;
}
