/** Plain data without one of its members, however deep. Pure. */
export function without<T extends object>(value: T, [key = "", ...rest]: readonly string[]): T {
  const entries = Object.entries(value).flatMap(([name, member]: [string, unknown]): [string, unknown][] => {
    if (name !== key) return [[name, member]];
    return rest.length === 0 || typeof member !== "object" || member === null ? [] : [[name, without(member, rest)]];
  });
  return Object.fromEntries(entries) as T;
}
