/** `infinity lab ...`: the simulated Proxmox in the background, and the engine on its stack. */
import { Command } from "commander";
import { ensureEngine } from "../engine/engine";
import { labStatus, resetLab, startLab, stopLab } from "../lab/daemon";
import { openLabStack } from "./labStack";
import { runPulumi } from "./pulumi";
import { labDirectory } from "./root";

const dir = labDirectory;

export function labCommand(): Command {
  const lab = new Command("lab").description("the house on this machine: a simulated Proxmox VE");
  lab
    .command("up")
    .description("start it in the background")
    .action(async () => {
      const { url, logFile } = await startLab({ dir });
      console.log(`lab: ${url}\nlog: ${logFile}`);
    });
  lab
    .command("down")
    .description("stop it; its state stays")
    .action(async () => {
      console.log((await stopLab({ dir })) ? "lab: stopped" : "lab: was not running");
    });
  lab
    .command("status")
    .description("say whether it runs, its address and its log file")
    .action(async () => {
      const status = await labStatus({ dir });
      console.log(
        status ? `lab: ${status.url}\nlog: ${status.logFile}` : "lab: not running; start it: infinity lab up",
      );
      if (!status) process.exitCode = 1;
    });
  lab
    .command("reset")
    .description("empty it, and forget its stack")
    .action(async () => {
      await resetLab({ dir });
      console.log("lab: empty");
    });
  lab
    .command("pulumi")
    .description("run any Pulumi command on the lab's stack: infinity lab pulumi preview --diff")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_options: unknown, command: Command) => {
      const engine = await ensureEngine();
      const stack = await openLabStack(engine, await startLab({ dir }));
      process.exitCode = await runPulumi(engine, stack.arguments(command.args), stack.env);
    });
  return lab;
}
