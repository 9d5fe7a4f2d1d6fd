/** What befalls a simulated guest in the middle of its work: at the n-th thing that it is about to do. In memory only. */

export type Blow =
  /** The connection ends; what runs goes on to its end, and nobody hears of it. */
  | "cut"
  /** The connection ends, and what runs ends with it. */
  | "hang up"
  /** The same, and nobody is let in until it is cleared: as if whoever was at work had been killed. */
  | "gone"
  /** The power fails and comes back. */
  | "reboot"
  /** From here on its disk is full, until somebody makes room. */
  | "full disk";

/** What ran ended there: nobody is left to be answered. */
export class Stopped extends Error {}

export interface Hold {
  /** The first thing that fits. */
  readonly at: RegExp;
  /** The guest waits for its end. @returns what befalls it then. */
  readonly until: (what: string) => Promise<Blow | undefined>;
}

export class Moments {
  /** What the guest was about to do, one after another, since {@link arm}. */
  seen: string[] = [];
  /** Whether its disk is full now. */
  full = false;
  /** Whether nobody is let in. */
  gone = false;
  private armed: { readonly blow: Blow; readonly nth: number } | undefined;
  private held: Hold | undefined;

  /** @param nth of the moments from here on, counted from 1; 0 only counts them. */
  arm(blow: Blow, nth: number): void {
    this.seen = [];
    this.armed = { blow, nth };
  }

  /** Waits before it does that, once. */
  hold(hold: Hold): void {
    this.held = hold;
  }

  /** Nothing befalls it any more. What is held stays held until its end. */
  clear(): void {
    this.armed = undefined;
    this.held = undefined;
    this.full = false;
    this.gone = false;
  }

  /** @returns what befalls it before it does that. */
  async next(what: string): Promise<Blow | undefined> {
    this.seen.push(what);
    if (this.seen.length === this.armed?.nth) return this.armed.blow;
    const { held } = this;
    if (held?.at.test(what) !== true) return undefined;
    this.held = undefined;
    return held.until(what);
  }
}
