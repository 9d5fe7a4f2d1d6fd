/** `infinity drift`, for the tour's house: what it prints, held against the exit code that is expected of it. */
import { drift } from "../drift/drift";
import { expecting } from "./chapter";
import type { Stage } from "./stage";

/** There is drift. */
export const FOUND = 7;

/** @returns its lines. */
export async function look(stage: Stage, expected: number): Promise<string[]> {
  const lines: string[] = [];
  const code = await drift({
    ...{ stack: "lab", house: stage.house(), format: "terminal", print: (text) => lines.push(...text.split("\n")) },
    pulumi: (args) => stage.stack.run(args),
  });
  expecting(`exit code ${expected} of infinity drift`, code === expected, { code, lines });
  return lines;
}
