/**
 * One answer for many askers: a listing of a whole cluster or guest serves every resource that is read in the same moment. Holds
 * answers in memory, a client at a time.
 */
export interface Memo<Client, T> {
  /** The listing, asked for anew where the last answer is older than the time-out or was forgotten. */
  get(client: Client): Promise<T>;
  /** To be called by whoever changes what the listing shows. */
  forget(client: Client): void;
}

/** @param ttlMs long enough for a refresh of a whole house, short enough that the next look is a look. */
export function memo<Client extends object, T>(
  load: (client: Client) => Promise<T>,
  ttlMs = 2000,
  now: () => number = Date.now,
): Memo<Client, T> {
  const answers = new WeakMap<Client, { readonly since: number; readonly answer: Promise<T> }>();
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
