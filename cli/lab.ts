/** `infinity lab ...`: the simulated Proxmox in the background, and the engine on its stack. */
import { rmSync } from "node:fs";
import { Command } from "commander";
import { ensureEngine } from "../engine/engine";
import { labStatus, resetLab, stopLab, type LabStatus } from "../lab/daemon";
import { labDriftCommand } from "./drift/command";
import { openLabStack, startTheLab } from "./labStack";
import { runPulumi } from "./pulumi";
import { labProxmox as dir, labStackDirectory } from "./root";

const FIX = { running: "", stopped: "; start it: npx infinity lab up", stale: "; it was ended: npx infinity lab up" };

const describe = ({ state, record, log }: LabStatus): string =>
  state === "running" && record ? `lab: ${record.url}\nlog: ${log}` : `lab: not running${FIX[state]}`;

export function labCommand(): Command {
  const lab = new Command("lab").description("the house on this machine: a simulated Proxmox VE");
  lab
    .command("up")
    .description("start it in the background")
    .action(async () => {
      console.log(describe(await startTheLab()));
    });
  lab
    .command("down")
    .description("stop it; its state stays")
    .action(async () => {
      console.log(describe(await stopLab({ dir })));
    });
  lab
    .command("status")
    .description("say whether it runs, its address and its log file")
    .action(async () => {
      const status = await labStatus({ dir });
      console.log(describe(status));
      if (status.state !== "running") process.exitCode = 1;
    });
  lab
    .command("reset")
    .description("empty it, and forget its stack")
    .action(async () => {
      rmSync(labStackDirectory, { recursive: true, force: true });
      console.log(`${describe(await resetLab({ dir }))}\nempty: npm start brings the house up again`);
    });
  lab.addCommand(labDriftCommand());
  lab
    .command("pulumi")
    .description("run any Pulumi command on the lab's stack: infinity lab pulumi preview --diff")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_options: unknown, command: Command) => {
      const engine = await ensureEngine();
      const { record } = await startTheLab();
      const stack = await openLabStack(engine, record);
      process.exitCode = await runPulumi(engine, stack.arguments(command.args), stack.env);
    });
  return lab;
}
