/**
 * Single exchanges that say nothing about the lab for a reason that no rule finds, by file and number. Each reason is
 * one of the closed list; anything else that disagrees is counted as disagreeing. Pure.
 */
import type { LeftOut } from "./outcome";

interface Exception {
  readonly reason: LeftOut;
  readonly why: string;
}

export const exceptions: Readonly<Record<string, Exception>> = {};
