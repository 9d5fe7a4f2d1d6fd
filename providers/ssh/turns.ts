/** How many commands run at once on one connection; the others wait, first come first served. Pure but for its counts. */

/** The host has as many at once as it allows: this one was not started. */
export class Busy extends Error {}

export class Turns {
  private running = 0;
  private most = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param limit sshd allows 10 sessions a connection (MaxSessions), of which file transfer takes one. */
  constructor(private limit: number) {}

  /** @param work throws {@link Busy} where the host refuses one more: from then on there are fewer at once. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    while (this.running >= this.limit) await new Promise<void>((go) => this.waiting.push(go));
    this.running += 1;
    const atOnce = this.running;
    try {
      const result = await work();
      this.most = Math.max(this.most, atOnce);
      return result;
    } catch (error) {
      // As many as were taken before are only too early: sshd counts a session for a moment after its end.
      if (error instanceof Busy) this.limit = Math.max(1, this.most, Math.min(this.limit, atOnce - 1));
      throw error;
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }
}
