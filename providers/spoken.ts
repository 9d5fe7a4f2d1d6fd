/**
 * The last thing between a lifecycle and the engine: errors become sentences for people. The dynamic-provider process
 * prints `${error}: ${error.stack}`, and forgets the provider's text in the state of a half-made resource; both are
 * put right here, once for every resource.
 */
import { canonical } from "./canonical";
import type { Lifecycle } from "./lifecycle";

/** Something was made or changed before the rest failed: the engine records it and goes on from there at the next run. */
export class HalfDone extends Error {
  /**
   * @param state what is known of the resource now. @param cause what failed.
   * @param kept what of its text the state keeps, in plain; the rest is shown, and that is all.
   */
  constructor(
    readonly id: string,
    readonly state: object,
    override readonly cause: unknown,
    readonly kept: "all" | "first line" = "all",
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

/**
 * An update that fails on a guest may have done any part of it. Recorded as half done, it is made good by the next run, also
 * where the house took back by then what it had asked for: nothing would differ from what is recorded, and nobody would look.
 * @param state what is recorded then: as before, with what the house says of it that changes nothing on the guest. No secret
 * that the new inputs don't hold as one: the engine knows secrets by these, and would keep it in plain.
 */
export async function orHalfDone(id: string, state: () => object, update: () => Promise<void>): Promise<void> {
  try {
    await update();
  } catch (error) {
    // Below the first line are the ends of logs, which may hold anything.
    throw new HalfDone(id, canonical(state()), error, "first line");
  }
}

/** Prints as one sentence, whichever way the process prints it. */
class Spoken extends Error {
  constructor(
    readonly subject: string,
    text: string,
  ) {
    super(`${subject}: ${text}`);
    this.name = "";
    this.stack = text;
  }

  override toString(): string {
    return this.subject;
  }
}

/** The fields that the dynamic-provider process looks for in a thrown error (`ErrorResourceInitFailed`). */
class SpokenHalfDone extends Spoken {
  readonly reasons: readonly string[];

  constructor(
    subject: string,
    text: string,
    readonly id: string,
    readonly properties: object,
    /** Shown, and kept in the state. */
    kept: string,
  ) {
    super(subject, text);
    this.reasons = [`${subject}: ${kept}`];
  }
}

function say(subject: string, error: unknown, provider: unknown): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof HalfDone)) return new Spoken(subject, text);
  const [first = "", ...rest] = error.kept === "all" ? [text] : text.split("\n");
  // What a provider writes there the engine shows as it comes.
  if (rest.length > 0) process.stderr.write(`${[`${subject}:`, ...rest].join("\n")}\n`);
  // Without its provider's text the next refresh or delete could not even be asked for.
  return new SpokenHalfDone(subject, text, error.id, { ...error.state, __provider: provider }, first);
}

function providerOf(props: unknown): unknown {
  return typeof props === "object" && props !== null ? (props as { __provider?: unknown }).__provider : undefined;
}

function withoutProvider<T>(props: T): T {
  if (typeof props !== "object" || props === null) return props;
  return Object.fromEntries(Object.entries(props).filter(([key]) => key !== "__provider")) as T;
}

/** @param subject names the resource in a message: `VM 100 (emby)`. Given whatever there is of its properties. */
export function spoken<Inputs, State extends Inputs>(
  subject: (props: Partial<Inputs>) => string,
  lifecycle: Lifecycle<Inputs, State>,
): Lifecycle<Inputs, State> {
  const saying = async <T>(props: unknown, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw say(subject(props ?? {}), error, providerOf(props));
    }
  };
  return {
    check: (olds, news) => saying(news, () => lifecycle.check(withoutProvider(olds), withoutProvider(news))),
    diff: (id, olds, news) => saying(news, () => lifecycle.diff(id, withoutProvider(olds), withoutProvider(news))),
    create: (inputs) => saying(inputs, () => lifecycle.create(withoutProvider(inputs))),
    read: (id, state) => saying(state, () => lifecycle.read(id, withoutProvider(state))),
    update: (id, olds, news) => saying(news, () => lifecycle.update(id, withoutProvider(olds), withoutProvider(news))),
    delete: (id, state) => saying(state, () => lifecycle.delete(id, withoutProvider(state))),
  };
}
