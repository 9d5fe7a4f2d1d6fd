/** Columns for the terminal, without lines around them; the last one takes what is left and wraps. Pure. */
import Table from "cli-table3";

const NOTHING = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " },
};

/** Narrower than this nothing is wrapped: it would be a column of words. */
const NARROWEST = 24;

/**
 * @param widths of all columns but the last, in characters.
 * @param width of the terminal. @default as it is; 100 where there is none
 */
export function columns(
  rows: readonly (readonly string[])[],
  widths: readonly number[],
  width = process.stdout.isTTY ? process.stdout.columns : 100,
): string {
  const used = widths.reduce((sum, one) => sum + one + 2, 0);
  const table = new Table({
    chars: NOTHING,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colWidths: [...widths, Math.max(NARROWEST, width - used)],
    wordWrap: true,
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
