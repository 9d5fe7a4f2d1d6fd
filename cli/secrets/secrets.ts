/** `infinity secrets`: lists what the stacks of a house take, and makes up what may be anything. Shows no value. */
import { randomBytes } from "node:crypto";
import pc from "picocolors";
import type { RunOptions, RunResult } from "../../engine/run";
import type { House } from "../../house/schema";
import type { Placed } from "../../house/stacks/placed";
import { canBeMadeUp, isLacking, secretList, type SecretEntry } from "../../house/stacks/secretList";
import { columns } from "../table";

export interface SecretsJob {
  readonly house: House;
  readonly stacks: Placed;
  readonly stack: string;
  readonly generate: boolean;
  /** Runs `pulumi ARGS` on the stack, with this standard input. */
  readonly pulumi: (args: readonly string[], options: Pick<RunOptions, "input">) => Promise<RunResult>;
  readonly print: (text: string) => void;
}

/** Hex: it may stand in addresses and files of any kind, and is 256 bits however it is read. */
const madeUp = (): string => randomBytes(32).toString("hex");

function standing(entry: SecretEntry): string {
  const { need, missing, vms } = entry;
  if (missing.length === 0) return pc.green("given");
  if (missing.length < vms.length) return pc.red(`not for ${missing.join(", ")}`);
  if (need === "optional") return pc.dim("none, optional");
  return need === "generate" ? pc.yellow("missing, any will do") : pc.red("missing");
}

/** One for all VMs; where some have their own already, one for each of the others. */
function commands(stack: string, { path, missing, vms }: SecretEntry): string[] {
  const paths = missing.length === vms.length ? [path] : missing.map((vm) => `${path}.${vm}`);
  return paths.map((one) => `npx infinity pulumi config set --stack ${stack} --secret --path 'infinity-node:${one}'`);
}

async function store({ pulumi }: SecretsJob, { path }: SecretEntry): Promise<void> {
  // Over standard input: arguments of a process can be read by everybody on the machine.
  const args = ["config", "set", "--secret", "--path", `infinity-node:${path}`];
  const { code, stderr } = await pulumi(args, { input: madeUp() });
  if (code !== 0) throw new Error(`${path} could not be stored: ${stderr.trim()}`);
}

/** @returns 0 where nothing is missing that the house can't be deployed without, 1 otherwise. */
export async function secrets(job: SecretsJob): Promise<number> {
  const { house, stacks, stack, print } = job;
  const entries = secretList(house, stacks);
  const making = job.generate ? entries.filter(canBeMadeUp) : [];
  for (const entry of making) {
    await store(job, entry);
    print(`${entry.path}: made up, and stored encrypted`);
  }
  const left = entries.filter((entry) => !making.includes(entry));
  if (making.length > 0) print("");
  print(
    columns(
      left.map((entry) => [entry.path.slice("secrets.".length), standing(entry), entry.purpose]),
      [38, 24],
    ),
  );
  const lacking = left.filter(isLacking);
  if (lacking.length === 0) return 0;
  print(`\n${lacking.length} missing. One VM's alone has the VM's name behind it: .emby`);
  for (const command of lacking.flatMap((entry) => commands(stack, entry))) print(`  ${command}`);
  if (lacking.some(canBeMadeUp)) print(`Those that may be anything: npx infinity secrets --stack ${stack} --generate`);
  return 1;
}
