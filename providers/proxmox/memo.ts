/**
 * One answer for many askers: a whole-cluster listing serves every resource that is read in the same moment. Holds
 * answers in memory, a client at a time.
 */
import type { ProxmoxClient } from "./client";

export interface Memo<T> {
  /** The listing, asked for anew where the last answer is older than the time-out or was forgotten. */
  get(client: ProxmoxClient): Promise<T>;
  /** To be called by whoever changes what the listing shows. */
  forget(client: ProxmoxClient): void;
}

/** @param ttlMs long enough for a refresh of a whole house, short enough that the next look is a look. */
export function memo<T>(
  load: (client: ProxmoxClient) => Promise<T>,
  ttlMs = 2000,
  now: () => number = Date.now,
): Memo<T> {
  const answers = new WeakMap<ProxmoxClient, { readonly since: number; readonly answer: Promise<T> }>();
  return {
    get(client) {
      const held = answers.get(client);
      if (held && now() - held.since < ttlMs) return held.answer;
      const answer = load(client);
      answers.set(client, { since: now(), answer });
      // A failure is told to those who wait for it and to nobody after them.
      answer.catch(() => {
        if (answers.get(client)?.answer === answer) answers.delete(client);
      });
      return answer;
    },
    forget(client) {
      answers.delete(client);
    },
  };
}
