/** A drift report as a terminal, a Markdown page and a program want it. Pure. */
import pc from "picocolors";
import { exitCode, shown, summary, type DriftReport, type Finding, type Part } from "./report";

export const FORMATS = ["terminal", "markdown", "json"] as const;
export type Format = (typeof FORMATS)[number];

const SIGNS: Readonly<Record<Part["state"], string>> = {
  clean: pc.green("="),
  drift: pc.yellow("~"),
  unchecked: pc.red("!"),
  new: pc.dim("+"),
};

const KINDS: Readonly<Record<Finding["kind"], string>> = {
  edit: "edited",
  unnamed: "edited, not in the house",
  change: "not as the house says",
};

/** An edit is news to the engine: without a refresh, `up` compares the house with what it remembers. */
const doneBy = (kind: Finding["kind"]): string => (kind === "change" ? "up" : "up --refresh");

function findingLine({ kind, property, recorded, live, wanted, says, next }: Finding): string {
  const house = kind === "unnamed" ? "" : `, the house says ${shown(wanted)}`;
  const values = `${property}: was ${shown(recorded)}, is ${shown(live)}${house}`;
  return `    ${says ?? values} ${pc.dim(`- ${KINDS[kind]}; ${doneBy(kind)}: ${next}`)}`;
}

function terminal(report: DriftReport): string {
  const lines = report.parts.flatMap(({ title, state, findings, notes }) => [
    `${SIGNS[state]} ${title}${state === "unchecked" ? ": not checked" : ""}`,
    ...findings.map(findingLine),
    ...notes.map((note) => `    ${note}`),
  ]);
  return [...lines, "", `${summary(report)}; nothing was written`].join("\n");
}

/** Text in a cell: what would end the cell or start markup is escaped. */
const cell = (text: string): string =>
  text.replace(/[\\`*_<>|[\]]/g, (char) => `\\${char}`).replace(/\s*\n\s*/g, "<br>");

function markdownPart({ title, state, findings, notes }: Part): string[] {
  const rows = findings.map(({ kind, property, recorded, live, wanted, says, next }) =>
    [
      ...(says === undefined
        ? [property, shown(recorded), shown(live), kind === "unnamed" ? "" : shown(wanted)]
        : [says, "", "", ""]),
      `${KINDS[kind]}; ${doneBy(kind)}: ${next}`,
    ]
      .map(cell)
      .join(" | "),
  );
  const table = [
    "| property | recorded | live | wanted | |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ];
  return [
    `### ${cell(title)}: ${state}`,
    "",
    ...(rows.length === 0 ? [] : [...table, ""]),
    ...(notes.length === 0 ? [] : [...notes.map((note) => `- ${cell(note)}`), ""]),
  ];
}

function markdown(report: DriftReport): string {
  const told = report.parts.filter(({ findings, notes }) => findings.length + notes.length > 0);
  return [`## Drift of ${cell(report.stack)}: ${cell(summary(report))}`, "", ...told.flatMap(markdownPart)]
    .join("\n")
    .trimEnd();
}

export function render(report: DriftReport, format: Format): string {
  switch (format) {
    case "terminal":
      return terminal(report);
    case "markdown":
      return markdown(report);
    case "json":
      return JSON.stringify({ ...report, exitCode: exitCode(report) }, undefined, 2);
  }
}
