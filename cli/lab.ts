/** `infinity lab ...`: the simulated Proxmox in the background, and the engine on its stack. */
import { rmSync } from "node:fs";
import { Command, Option } from "commander";
import { ensureEngine } from "../engine/engine";
import { labStatus, resetLab, stopLab, type LabStatus } from "../lab/daemon";
import type { GuestsKind } from "../lab/folder";
import { prepareGuests } from "../lab/guests/machines";
import { runningGuests } from "../lab/guests/ports";
import { labDoctorCommand } from "./doctor/command";
import { labDriftCommand } from "./drift/command";
import { guestLines } from "./guestLines";
import { openLabStack, startTheLab } from "./labStack";
import { runHere } from "./ownStack";
import { REPEATING } from "./refreshFirst";
import { labProxmox as dir, labStackDirectory, realGuestsKey, realStackDirectory } from "./root";
import { tour } from "./tour/tour";

const FIX = { running: "", stopped: "; start it: npx infinity lab up", stale: "; it was ended: npx infinity lab up" };

const describe = ({ state, record, log }: LabStatus): string =>
  state === "running" && record ? `lab: ${record.url}\nlog: ${log}` : `lab: not running${FIX[state]}`;

async function describeWithGuests(status: LabStatus): Promise<string> {
  const { state, record } = status;
  if (state !== "running" || record?.guests !== "qemu") return describe(status);
  return [describe(status), ...guestLines(await runningGuests(dir, record), realGuestsKey)].join("\n");
}

export function labCommand(): Command {
  const lab = new Command("lab").description("the house on this machine: a simulated Proxmox VE");
  lab
    .command("up")
    .description("start it in the background")
    .addOption(
      new Option(
        "--guests <kind>",
        "what a started VM is: a word, or a real Debian in QEMU (default: as last time)",
      ).choices(["simulated", "qemu"] satisfies GuestsKind[]),
    )
    .action(async ({ guests }: { guests?: GuestsKind }) => {
      // Whoever asks for real guests wants what they take; the lab's own process must not wait for it.
      if (guests === "qemu") await prepareGuests({ install: true, say: console.log });
      console.log(await describeWithGuests(await startTheLab(guests)));
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
      console.log(await describeWithGuests(status));
      if (status.state !== "running") process.exitCode = 1;
    });
  lab
    .command("reset")
    .description("empty it, and forget its stack")
    .action(async () => {
      for (const stack of [labStackDirectory, realStackDirectory]) rmSync(stack, { recursive: true, force: true });
      console.log(`${describe(await resetLab({ dir }))}\nempty: npm start brings the house up again`);
    });
  lab.addCommand(labDriftCommand());
  lab.addCommand(labDoctorCommand());
  lab
    .command("tour")
    .description("tell what the program does for a house as a story, each step checked; in a lab of its own")
    .action(async () => {
      await tour(await ensureEngine(), console.log);
    });
  lab
    .command("pulumi")
    .description("run any Pulumi command on the lab's stack: infinity lab pulumi preview --diff")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_options: unknown, command: Command) => {
      const engine = await ensureEngine();
      const { record } = await startTheLab();
      const stack = await openLabStack(engine, record, REPEATING.has(command.args[0] ?? ""));
      process.exitCode = await runHere(engine, stack.arguments(command.args), stack.env);
    });
  return lab;
}
