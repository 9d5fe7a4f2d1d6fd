/** What `infinity bench` measures besides the engine's own commands: a look for drift, and an adoption. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine/engine";
import { run } from "../engine/run";
import type { Operation } from "../lab/bench/bench";
import type { Stack } from "../lab/stack";
import { engineConfig } from "./adopt/engineConfig";
import { takeOver, type TakeOver } from "./adopt/takeOver";
import { drift } from "./drift/drift";
import { houseFrom } from "./readStack";
import { projectRoot } from "./root";

const houseOf = ({ configFile }: Stack) =>
  houseFrom(readFileSync(configFile, "utf8"), configFile, () => undefined).house;

/** Runs in this process, its engine commands as children of it. */
function telling(work: (print: (text: string) => void) => Promise<number>) {
  return async () => {
    const lines: string[] = [];
    const code = await work((text) => lines.push(text));
    return { code, stdout: lines.join("\n"), stderr: "" };
  };
}

const driftOperation: Operation = {
  name: "infinity drift",
  prepare: ({ stack }) =>
    Promise.resolve(
      telling((print) =>
        drift({
          ...{ stack: stack.name, house: houseOf(stack), format: "terminal", print },
          pulumi: (args) => stack.run(args),
        }),
      ),
    ),
};

/** Into a stack that knows nothing yet, of a house that stands. */
const adoption = (engine: Engine): Operation => ({
  name: "infinity adopt",
  async prepare(on) {
    const stack = await on.open("adopted");
    const pulumi: TakeOver["pulumi"] = (args, more) =>
      run(join(engine.bin, "pulumi"), [...stack.arguments(args), "--non-interactive"], {
        cwd: projectRoot,
        env: { ...stack.env, ...more },
      });
    const env = await engineConfig(pulumi);
    return telling((print) => takeOver({ house: houseOf(stack), withDifferences: false, env, pulumi, print }));
  },
});

export const benchOperations = (engine: Engine): readonly Operation[] => [driftOperation, adoption(engine)];
