/** Why a deployment failed: which services are not as wanted, with the ends of their logs, secrets and all: secrecy.ts hides these. Asks only. */
import { ask, type Answer } from "../guest/bulk";
import type { Host } from "../ssh/host";
import type { ComposeStackInputs } from "./args";
import { lookAnew } from "./look";
import { compose } from "./release";

const LOG_LINES = 20;

/** The last lines of what a command complained about. */
export const tail = (answer: Answer | undefined): string =>
  (answer?.stderr ?? "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !PROGRESS.test(line))
    .filter((line, index, all) => line !== all[index - 1])
    .slice(-LOG_LINES)
    .join("\n  ");

/** What Compose does at the moment, one line a thing. */
const PROGRESS = /^ ?(Image|Container|Network|Volume) \S+ +(?!Error)[A-Z]\w+/;

const NO_LOG = "it logged nothing";

/**
 * One paragraph for each service that is not as wanted.
 * @param said what Compose said: all there is of a service that never ran, and so logged nothing.
 */
export async function reasons(host: Host, stack: ComposeStackInputs, said: string): Promise<string[]> {
  const { containers } = await lookAnew(host, stack);
  const states = new Map(containers.map(({ service, state }) => [service, state]));
  const failing = Object.entries(stack.services).filter(([name, { state }]) => states.get(name) !== state);
  const logs = await ask(
    host,
    failing.map(([name]) =>
      compose(stack, stack.directory, "logs", "--no-color", "--no-log-prefix", "--tail", String(LOG_LINES), name),
    ),
  );
  const told = failing.map(([name], index) => {
    const lines = (logs[index]?.stdout ?? "").split("\n").filter((line) => line.trim() !== "");
    const log = lines.length === 0 ? NO_LOG : ["its log ends:", ...lines.map((line) => `  ${line}`)].join("\n  ");
    return `service ${name} is ${states.get(name) ?? "missing"}; ${log}`;
  });
  const enough = told.length > 0 && !told.some((text) => text.endsWith(NO_LOG));
  return enough ? told : [...told, said];
}
