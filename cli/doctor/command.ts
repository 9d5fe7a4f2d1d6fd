/** `infinity doctor` and `infinity lab doctor`: arguments only. */
import { Command, Option } from "commander";
import { ensureEngine } from "../../engine/engine";
import { engineOn } from "../adopt/command";
import { openLabStack, startTheLab } from "../labStack";
import { readStack } from "../readStack";
import { projectRoot } from "../root";
import { doctor } from "./doctor";
import { FORMATS, type Format } from "./render";

const format = new Option("--format <format>", "how to tell it").choices(FORMATS).default("terminal");

const DESCRIPTION =
  "try every endpoint and credential of a house, read-only, and say what to do: exit code 0 all fine, 1 not";

interface Options {
  readonly format: Format;
}

export function doctorCommand(): Command {
  return new Command("doctor")
    .description(DESCRIPTION)
    .requiredOption("--stack <name>", "whose house: Pulumi.<name>.yaml")
    .addOption(format)
    .action(async ({ stack, format }: Options & { stack: string }) => {
      const engine = await ensureEngine();
      const pulumi = await engineOn(stack);
      process.exitCode = await doctor({
        ...readStack(stack),
        ...{ stack, format, engine, pulumi, root: projectRoot, env: process.env, print: console.log },
      });
    });
}

export function labDoctorCommand(): Command {
  return new Command("doctor")
    .description(DESCRIPTION)
    .addOption(format)
    .action(async ({ format }: Options) => {
      const { record } = await startTheLab();
      const engine = await ensureEngine();
      const lab = await openLabStack(engine, record, false);
      const { name: stack, env } = lab;
      const pulumi = (args: readonly string[]) => lab.run(args);
      process.exitCode = await doctor({
        ...readStack(stack),
        ...{ stack, format, engine, pulumi, root: projectRoot, env, print: console.log },
      });
    });
}
