/** `infinity secrets`: arguments only. */
import { join } from "node:path";
import { Command } from "commander";
import { stackFolders } from "../../components/stackFolders";
import { parseHouse } from "../../house/house";
import { formatProblem } from "../../values/problem";
import { engineOn } from "../adopt/command";
import { readStack } from "../readStack";
import { projectRoot } from "../root";
import { secrets } from "./secrets";

interface Options {
  readonly stack: string;
  readonly generate?: boolean;
}

export function secretsCommand(): Command {
  return new Command("secrets")
    .description("list the secrets that the services take, and which are missing: exit code 0 none, 1 some")
    .requiredOption("--stack <name>", "whose house: Pulumi.<name>.yaml")
    .option("--generate", "make up those that may be anything, and store them encrypted in the stack")
    .action(async ({ stack, generate = false }: Options) => {
      const { sections } = readStack(stack);
      const parsed = parseHouse({ sections, folders: stackFolders(join(projectRoot, "stacks")) });
      if ("problems" in parsed)
        throw new Error(`the house has problems:\n${parsed.problems.map(formatProblem).join("\n")}`);
      process.exitCode = await secrets({
        ...parsed,
        stack,
        generate,
        pulumi: async (args, options) => (await engineOn(stack))(args, {}, options),
        print: console.log,
      });
    });
}
