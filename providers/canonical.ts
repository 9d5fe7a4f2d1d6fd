/** One text for one meaning: what becomes state is free of `undefined` and has its keys in order. Pure. */

/** The same value, deeply: without undefined members, keys sorted (slots as `scsi2` before `scsi10`). Lists keep their order. */
export function canonical<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => canonical(item)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  return Object.fromEntries(entries.map(([key, member]) => [key, canonical(member as unknown)])) as T;
}

/** Whether two values mean the same in canonical form. */
export function sameCanonical(a: unknown, b: unknown): boolean {
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
}
