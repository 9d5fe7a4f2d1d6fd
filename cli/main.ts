/** `infinity`: the table of commands. Each is thin; what it does stands in the room that it calls. */
import { Command } from "commander";
import pc from "picocolors";
import { ensureEngine } from "../engine/engine";
import { bench } from "../lab/bench/bench";
import { benchGuests } from "../lab/bench/guests";
import { adoptCommand } from "./adopt/command";
import { benchOperations } from "./benchOperations";
import { bootstrapCommand } from "./bootstrap/command";
import { doctorCommand } from "./doctor/command";
import { driftCommand } from "./drift/command";
import { labCommand } from "./lab";
import { runOnOwnStack } from "./ownStack";
import { projectRoot } from "./root";
import { secretsCommand } from "./secrets/command";
import { start } from "./start";

const program = new Command("infinity").description(
  "One house as code: Proxmox VMs, their services, names and tunnel.",
);

program.command("start").description("bring the whole house up in the lab, and show it").action(start);

program.addCommand(labCommand());

program
  .command("pulumi")
  .description("run the project's Pulumi engine on your own stacks and login: infinity pulumi preview --stack prod")
  .helpOption(false)
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (_options: unknown, command: Command) => {
    process.exitCode = await runOnOwnStack(await ensureEngine(), command.args);
  });

program.addCommand(bootstrapCommand());
program.addCommand(adoptCommand());
program.addCommand(driftCommand());
program.addCommand(doctorCommand());
program.addCommand(secretsCommand());

program
  .command("bench")
  .description("print the figures of the main operations")
  .option("--sizes <list>", "numbers of VMs", "6,50,200")
  .option("--latencies <list>", "milliseconds a call", "0,30")
  .option("--round-trips <list>", "milliseconds of a round trip to a guest", "0,50")
  .action(async (options: { sizes: string; latencies: string; roundTrips: string }) => {
    const numbers = (list: string) =>
      list
        .split(",")
        .filter((part) => part !== "")
        .map(Number);
    const engine = await ensureEngine();
    await bench({
      engine,
      more: benchOperations(engine),
      root: projectRoot,
      sizes: numbers(options.sizes),
      latencies: numbers(options.latencies),
      print: console.log,
    });
    const roundTrips = numbers(options.roundTrips);
    await benchGuests({ engine, root: projectRoot, roundTrips, print: console.log });
  });

program.parseAsync().catch((error: unknown) => {
  console.error(pc.red(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
});
