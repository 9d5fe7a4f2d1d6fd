/** One house's data over another's: what `extends` does, since Pulumi's stack files have no inheritance. Pure. */

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `{ secure: ... }`: encrypted for another stack's passphrase, and nobody else's to use. */
const isEncrypted = (value: unknown): boolean =>
  isPlain(value) && typeof value.secure === "string" && Object.keys(value).length === 1;

/** The value without anything encrypted in it. */
function inherited(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isEncrypted(item)).map(inherited);
  if (!isPlain(value)) return value;
  const kept = Object.entries(value).filter(([, item]) => !isEncrypted(item));
  return Object.fromEntries(kept.map(([key, item]) => [key, inherited(item)]));
}

/**
 * Maps are merged key by key; anything else (lists too) is replaced by what the extending side says. Encrypted values of
 * the extended side are never taken over.
 */
export function merge(extended: Plain, extending: Plain): Plain {
  const base = inherited(extended) as Plain;
  const merged = Object.entries(extending).map(([key, value]) => {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isPlain(below) && isPlain(value) && !isEncrypted(value) ? merge(below, value) : value] as const;
  });
  // Object.fromEntries defines keys, it does not assign them: `__proto__` stays a key like any other.
  return Object.fromEntries([...Object.entries(base), ...merged]);
}
