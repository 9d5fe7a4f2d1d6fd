/** Faults that wait for what they hit: the n-th that matches, so often. In memory only. */

export interface Countable {
  readonly match: {
    /** Hits from the n-th matching one on, counted from 1. @default 1 */
    readonly nth?: number;
  };
  /** How many it hits. @default 1 */
  readonly times?: number;
}

interface Armed<Fault> {
  readonly fault: Fault;
  seen: number;
  left: number;
}

export class ArmedFaults<Fault extends Countable> {
  private armed: Armed<Fault>[] = [];

  add(fault: Fault): void {
    this.armed.push({ fault, seen: 0, left: fault.times ?? 1 });
  }

  clear(): void {
    this.armed = [];
  }

  /** Those that were not used up. */
  get pending(): readonly Fault[] {
    return this.armed.map(({ fault }) => fault);
  }

  /** Those that hit; each is used up by one. */
  protected hits(fits: (match: Fault["match"]) => boolean): readonly Fault[] {
    const hits: Fault[] = [];
    for (const entry of this.armed) {
      if (!fits(entry.fault.match)) continue;
      entry.seen += 1;
      if (entry.seen < (entry.fault.match.nth ?? 1)) continue;
      entry.left -= 1;
      hits.push(entry.fault);
    }
    this.armed = this.armed.filter(({ left }) => left > 0);
    return hits;
  }
}
