/** What differs between two sets of inputs; lists are sets, as they are in the real providers' resources in use. Pure. */
import { isPlain, type Plain } from "./values";

/** Equal texts for equal values: keys sorted, lists in any order, absent as empty. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (!isPlain(value)) return JSON.stringify(value);
  const kept = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  return `{${kept
    .map(([key, item]) => `${key}:${canonical(item)}`)
    .sort()
    .join()}}`;
}

export const same = (a: unknown, b: unknown): boolean => canonical(a ?? null) === canonical(b ?? null);

/** Names of the inputs that differ, sorted. */
export function changedKeys(former: Plain, wanted: Plain, computed: readonly string[] = []): string[] {
  const keys = new Set([...Object.keys(former), ...Object.keys(wanted)]);
  return [...keys]
    .filter((key) => wanted[key] !== undefined || !computed.includes(key))
    .filter((key) => !same(former[key], wanted[key]))
    .sort();
}

/**
 * The inputs after a look at what is there: those that the program gave, in its own spelling where they say the same,
 * and everything where nobody gave any (an import).
 */
export function observedInputs(given: Plain, live: Plain, unseen: readonly string[] = []): Plain {
  if (Object.keys(given).length === 0) return live;
  return Object.fromEntries(
    Object.keys(given).map((key) => [
      key,
      unseen.includes(key) || same(given[key], live[key]) ? given[key] : live[key],
    ]),
  );
}
