/**
 * What one kind of guest resource has to say of itself; lifecycle.ts does the rest. All of it is pure: commands that
 * look, what their answers mean in the house's words, and the steps from there to what is wanted.
 */
import type { z } from "zod";
import type { Answer, Command } from "./bulk";
import type { OnGuest } from "./guest";
import type { Step } from "./step";

export interface Kind<Inputs extends OnGuest, Seen = unknown> {
  /** For messages: `file`. */
  readonly noun: string;
  readonly schema: z.ZodType<Inputs>;
  /** Defaults and order; given inputs of the right shape, perhaps unknown in part. @default canonical() alone */
  canonical?(inputs: Inputs): Inputs;
  /** Rules beyond the shape: property and reason. */
  problems?(inputs: Inputs, olds: Partial<Inputs>): readonly { readonly property: string; readonly reason: string }[];
  /** What it is called on its guest: `/etc/motd`. Another one is another resource. */
  name(inputs: Inputs): string;
  /** Properties that make the name: a change of one replaces. */
  readonly identity: readonly (keyof Inputs & string)[];
  /** Properties whose values no message shows. */
  readonly hidden?: readonly (keyof Inputs & string)[];
  /** Commands that look, as root. */
  look(inputs: Inputs): readonly Command[];
  /** @throws Error where the answers make no sense: then nothing is known, and nothing is changed. */
  see(answers: readonly Answer[], inputs: Inputs): Seen;
  /** What is there in the words of the inputs, for the properties that they name; `undefined` where it isn't there. */
  live(seen: Seen, inputs: Inputs): Inputs | undefined;
  /** From what was seen to what is wanted; none where it is so already. @throws Error where that must not be done. */
  steps(seen: Seen, wanted: Inputs, olds?: Inputs): readonly Step[];
  /** Where its steps were no use: what more is asked, once, and what the answers tell of the reason. @default nothing */
  readonly reason?: {
    look(inputs: Inputs): readonly Command[];
    tell(answers: readonly Answer[], seen: Seen, inputs: Inputs): string | undefined;
  };
  /** Takes it off the guest. Left out: it is only ever forgotten. @param look at it, for who needs to. */
  remove?(inputs: Inputs, look: () => Promise<Seen>): readonly Step[] | Promise<readonly Step[]>;
}
