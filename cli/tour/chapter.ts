/** A chapter of the tour: what is done, what is expected of it, and what of it a person is shown. */
import type { Stage } from "./stage";

export interface Chapter {
  readonly title: string;
  /**
   * @param say a line that a person sees.
   * @throws where something is not as the chapter expects.
   */
  play(stage: Stage, say: (line: string) => void): Promise<void>;
}

/** @throws where it does not hold: the tour ends there. */
export function expecting(what: string, holds: boolean, seen?: unknown): asserts holds {
  if (!holds) throw new Error(`expected ${what}${seen === undefined ? "" : `; instead: ${JSON.stringify(seen)}`}`);
}

/** The lines of the engine's output that tell of changes: `~ memory: "8GiB" => "12GiB"`. */
export const changeLines = (output: string, pattern: RegExp): string[] =>
  output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => pattern.test(line));
