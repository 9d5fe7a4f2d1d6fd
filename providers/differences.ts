/** What differs between two plain values, property by property. Pure. */

export interface Difference {
  /** `disks.scsi0.size` */
  readonly property: string;
  /** Left out where there is none. */
  readonly live?: unknown;
  readonly wanted?: unknown;
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** In the order of the properties' names. Lists differ as a whole; `undefined` and a missing key are the same. */
export function differences(live: unknown, wanted: unknown, property = ""): Difference[] {
  if (isPlain(live) && isPlain(wanted)) {
    const names = [...new Set([...Object.keys(live), ...Object.keys(wanted)])].sort();
    return names.flatMap((name) =>
      differences(live[name], wanted[name], property === "" ? name : `${property}.${name}`),
    );
  }
  return JSON.stringify(live) === JSON.stringify(wanted) ? [] : [{ property, live, wanted }];
}
