/** `infinity drift` and `infinity lab drift`: arguments only. */
import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { ensureEngine } from "../../engine/engine";
import { engineOn } from "../adopt/command";
import { openLabStack, startTheLab } from "../labStack";
import { houseFrom, readStack, readStackFile } from "../readStack";
import { drift } from "./drift";
import { FORMATS, type Format } from "./render";

const format = new Option("--format <format>", "how to tell it").choices(FORMATS).default("terminal");

const DESCRIPTION =
  "find what was changed behind the house's back, read-only: exit code 0 none, 7 some, 1 not all checked";

interface Options {
  readonly format: Format;
}

export function driftCommand(): Command {
  return new Command("drift")
    .description(DESCRIPTION)
    .requiredOption("--stack <name>", "whose house: Pulumi.<name>.yaml")
    .addOption(format)
    .action(async ({ stack, format }: Options & { stack: string }) => {
      const { house } = readStack(stack);
      const pulumi = await engineOn(stack);
      const run = (args: readonly string[]) => pulumi(args, {});
      process.exitCode = await drift({ stack, house, format, pulumi: run, print: console.log });
    });
}

export function labDriftCommand(): Command {
  return new Command("drift")
    .description(DESCRIPTION)
    .addOption(format)
    .action(async ({ format }: Options) => {
      const { record } = await startTheLab();
      const stack = await openLabStack(await ensureEngine(), record, false);
      // As the lab's own copy has it: its key, its ports.
      const { house } = houseFrom(readFileSync(stack.configFile, "utf8"), `Pulumi.${stack.name}.yaml`, readStackFile);
      const pulumi = (args: readonly string[]) => stack.run(args);
      process.exitCode = await drift({ stack: stack.name, house, format, pulumi, print: console.log });
    });
}
