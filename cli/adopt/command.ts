/** `infinity adopt ...`: a house and the Proxmox that is there already. Arguments only; what they do stands beside this. */
import { delimiter, join } from "node:path";
import { Command } from "commander";
import { ensureEngine } from "../../engine/engine";
import { run } from "../../engine/run";
import { providerEnvironment, readStack, type StackHouse } from "../readStack";
import { projectRoot } from "../root";
import { check } from "./check";
import { engineConfig, needsEngine } from "./engineConfig";
import { takeOver, type TakeOver } from "./takeOver";

interface Options {
  readonly stack: string;
  readonly check?: boolean;
  readonly withDifferences?: boolean;
}

export function adoptCommand(): Command {
  return new Command("adopt")
    .description("take what exists on a Proxmox into a stack, without a single write to it")
    .requiredOption("--stack <name>", "whose house: Pulumi.<name>.yaml")
    .option("--check", "only say what differs, property by property")
    .option("--with-differences", "take over as it is what differs; a later up changes it, seen in its preview")
    .action(async (options: Options) => {
      const stackHouse = readStack(options.stack);
      process.exitCode = await (options.check ? look(options, stackHouse) : adopt(options, stackHouse));
    });
}

async function look({ stack }: Options, { house, sections }: StackHouse): Promise<number> {
  return check(house, await environment(sections, () => engineOn(stack)), console.log);
}

async function adopt({ stack, withDifferences = false }: Options, stackHouse: StackHouse): Promise<number> {
  const pulumi = await engineOn(stack);
  const env = await environment(stackHouse.sections, () => Promise.resolve(pulumi));
  return takeOver({ house: stackHouse.house, withDifferences, env, pulumi, print: console.log });
}

/** The user's own engine, login and state. */
async function engineOn(stack: string): Promise<TakeOver["pulumi"]> {
  const { bin } = await ensureEngine();
  const own = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
  return (args, env) =>
    run(join(bin, "pulumi"), [...args, "--stack", stack, "--non-interactive"], {
      cwd: projectRoot,
      env: { ...own, ...env },
    });
}

const environment = async (
  sections: StackHouse["sections"],
  engine: () => Promise<TakeOver["pulumi"]>,
): Promise<NodeJS.ProcessEnv> =>
  needsEngine(sections, process.env) ? engineConfig(await engine()) : providerEnvironment(sections);
