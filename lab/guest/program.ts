/** A program of a simulated guest: its arguments, and what it answers. Types and the answers' short forms. */
import type { LabFiles } from "../ssh/files";
import type { GuestState } from "./state";

export interface Result {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Context {
  readonly files: LabFiles;
  readonly guest: GuestState;
  readonly stdin: string;
  /** Is about to do this: something may befall it. @throws Stopped where that is its end */
  readonly moment: (what: string) => Promise<void>;
  /** Whether its disk has no room for anything. */
  readonly full: () => boolean;
  /** Runs another command of the guest. */
  readonly run: (args: readonly string[], stdin?: string) => Promise<Result>;
}

/** It never ends by itself: whoever sent it alone waits in vain. */
export class Hung extends Error {}

/** `undefined`: these arguments are none that the provider sends. */
export type Program = (args: readonly string[], context: Context) => Promise<Result | undefined> | Result | undefined;

export const said = (stdout = ""): Result => ({ exitCode: 0, stdout, stderr: "" });
export const refused = (stderr: string, exitCode = 1): Result => ({ exitCode, stdout: "", stderr: `${stderr}\n` });

export const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join("");

/** Arguments without the word that ends the options. */
export const operands = (args: readonly string[]): string[] => args.filter((arg) => arg !== "--");
