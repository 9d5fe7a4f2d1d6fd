/** The engine's own output, reduced to what was done to each resource and what went wrong. Pure but for `print`. */
import pc from "picocolors";

const DONE =
  /^\s*([+~-]+)\s+\S*[:/](\S+) (\S+) (created|updated|deleted|replaced|forgot\S*|retained\S*|refreshed)(?:.*?(\([\d.]+m?s\)))?/;

/** A sink for `onOutput`: whole lines of finished resources go to `print`, shortened. */
export function resourceLines(print: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, sign, type, name, done, time = ""] = DONE.exec(line) ?? [];
      if (sign !== undefined && type !== "Stack") print(`  ${pc.green(sign)} ${type} ${name} ${done} ${pc.dim(time)}`);
    }
  };
}

/** `Resources: 12 created, 1 unchanged`, from the end of the engine's output. */
export function resourceCounts(output: string): string {
  const [, block = ""] = /\nResources:\n((?: +.*\n)+)/.exec(output) ?? [];
  return block
    .split("\n")
    .map((line) => line.replace(/^[\s+~-]+/, "").trim())
    .filter((line) => line !== "")
    .join(", ");
}
