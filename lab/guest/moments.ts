/** What befalls a simulated guest in the middle of its work: at the n-th thing that it is about to do. In memory only. */

export type Blow =
  /** The connection ends; what runs goes on to its end, and nobody hears of it. */
  | "cut"
  /** The connection ends, and what runs ends with it. */
  | "hang up"
  /** The power fails and comes back. */
  | "reboot"
  /** From here on its disk is full, until somebody makes room. */
  | "full disk";

/** What ran ended there: nobody is left to be answered. */
export class Stopped extends Error {}

export class Moments {
  /** What the guest was about to do, one after another, since {@link arm}. */
  seen: string[] = [];
  /** Whether its disk is full now. */
  full = false;
  private armed: { readonly blow: Blow; readonly nth: number } | undefined;

  /** @param nth of the moments from here on, counted from 1; 0 only counts them. */
  arm(blow: Blow, nth: number): void {
    this.seen = [];
    this.armed = { blow, nth };
  }

  /** Nothing befalls it any more. */
  clear(): void {
    this.armed = undefined;
    this.full = false;
  }

  /** @returns what befalls it before it does that. */
  next(what: string): Blow | undefined {
    this.seen.push(what);
    return this.seen.length === this.armed?.nth ? this.armed.blow : undefined;
  }
}
