/** What the doctor found, for a terminal or a program. Pure. */
import pc from "picocolors";
import { columns } from "../table";
import { exitCode, type DoctorReport, type Finding } from "./report";

export const FORMATS = ["terminal", "json"] as const;
export type Format = (typeof FORMATS)[number];

const SIGNS: Readonly<Record<Finding["result"], string>> = {
  fine: pc.green("✓"),
  wrong: pc.red("✗"),
  note: pc.yellow("!"),
  untried: pc.dim("·"),
};

const LONGEST = 28;

function areaLines(area: string, findings: readonly Finding[], width: number): string[] {
  const rows = findings.map(({ what, result, detail, fix }) => {
    const said = result === "untried" ? pc.dim(detail) : detail;
    return [` ${SIGNS[result]}`, what, fix === undefined ? said : `${said}\n${pc.cyan("→")} ${fix}`];
  });
  return [pc.bold(area), columns(rows, [2, width]), ""];
}

function summary({ findings }: DoctorReport): string {
  const count = (result: Finding["result"]): number => findings.filter((finding) => finding.result === result).length;
  const parts = [
    `${count("fine")} of ${findings.length} fine`,
    ...(count("wrong") > 0 ? [pc.red(`${count("wrong")} wrong`)] : []),
    ...(count("untried") > 0 ? [`${count("untried")} not tried`] : []),
    ...(count("note") > 0 ? [`${count("note")} to know`] : []),
  ];
  return `${parts.join(", ")}; nothing was changed`;
}

export function render(report: DoctorReport, format: Format): string {
  if (format === "json") return JSON.stringify({ ...report, exitCode: exitCode(report) }, undefined, 2);
  const width = Math.min(LONGEST, Math.max(...report.findings.map(({ what }) => what.length)));
  const areas = [...new Set(report.findings.map(({ area }) => area))];
  const lines = areas.flatMap((area) =>
    areaLines(
      area,
      report.findings.filter((finding) => finding.area === area),
      width,
    ),
  );
  return [...lines, summary(report)].join("\n");
}
