/**
 * For people at work on the lab: `node bin/tests/lab/contract/report.js [NAME] [--diff N] [--left]` replays the
 * recordings whose name contains NAME and prints the counts and the first N disagreements of each; with `--left` also
 * where exchanges that are left out would differ. Reads the recordings, runs labs in this process, prints.
 */
import { parseArgs } from "node:util";
import { sharedPath } from "../../support/shared";
import { type Outcome, tally, tallyLine } from "./outcome";
import { suites } from "./suites";

async function report(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { diff: { type: "string", default: "10" }, left: { type: "boolean", default: false } },
  });
  const folder = sharedPath("pve");
  if (folder === undefined)
    throw new Error("the recordings (pve/) are not beside the checkout; set INFINITY_SHARED to their parent folder");
  const wanted = positionals[0] ?? "";
  for (const suite of suites.filter(({ names }) => names.some((name) => name.includes(wanted)))) {
    const outcomes = await suite.run(folder);
    for (const [i, name] of suite.names.entries()) {
      if (!name.includes(wanted)) continue;
      console.log(tallyLine(name, tally(outcomes[i] ?? [])));
      console.log(
        (outcomes[i] ?? [])
          .filter((it) => isWanted(it, values.left))
          .slice(0, Number(values.diff))
          .map(lines)
          .join("\n"),
      );
    }
  }
}

function isWanted(outcome: Outcome, left: boolean): boolean {
  if (outcome.verdict === "left out") return left && (outcome.differences ?? []).length > 0;
  return outcome.verdict === "disagrees";
}

function lines(outcome: Outcome): string {
  const differences = outcome.verdict === "agrees" ? [] : (outcome.differences ?? []);
  const reason = outcome.verdict === "left out" ? ` (${outcome.reason})` : "";
  return [
    `  ${outcome.title.slice(0, 300)}${reason}`,
    ...differences.slice(0, 8).map((it) => `      ${it.slice(0, 400)}`),
  ].join("\n");
}

report().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
