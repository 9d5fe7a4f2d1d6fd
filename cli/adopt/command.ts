/** `infinity adopt ...`: a house and the Proxmox that is there already. Arguments only; what they do stands beside this. */
import { join } from "node:path";
import { Command } from "commander";
import { ensureEngine } from "../../engine/engine";
import { onStack, run, type RunOptions, type RunResult } from "../../engine/run";
import { cloudParts } from "../../components/cloudParts";
import type { House } from "../../house/schema";
import { cloudsLook, type CloudsLook } from "../../providers/clouds/look";
import { providerEnvironment, readStack, type StackHouse } from "../readStack";
import { recoverOwnStack } from "../ownStack";
import { ownEnvironment } from "../pulumi";
import { projectRoot } from "../root";
import { check } from "./check";
import { engineConfig, needsEngine, stackConfig } from "./engineConfig";
import { takeOver, type TakeOver } from "./takeOver";
import { write } from "./write";

interface Options {
  readonly stack?: string;
  readonly check?: boolean;
  readonly withDifferences?: boolean;
  readonly write?: string;
  readonly endpoint?: string;
  readonly fingerprint?: string;
  readonly caFile?: string;
  readonly network?: string;
  readonly node?: string;
  readonly force?: boolean;
}

export function adoptCommand(): Command {
  return new Command("adopt")
    .description("take what exists on a Proxmox into a stack, without a single write to it")
    .option("--stack <name>", "whose house: Pulumi.<name>.yaml")
    .option("--check", "only say what differs, property by property")
    .option("--with-differences", "take over as it is what differs; a later up changes it, seen in its preview")
    .option("--write <file>", "make the house from the Proxmox: Pulumi.<name>.yaml")
    .option("--endpoint <url>", "with --write: where its API listens; default: PROXMOX_VE_ENDPOINT")
    .option("--fingerprint <sha256>", "with --write: of its certificate, where Proxmox signed it itself")
    .option("--ca-file <path>", "with --write: the CA that signed its certificate")
    .option("--network <cidr>", "with --write: the house's network; hosts are named by their part of it")
    .option("--node <name>", "with --write: whose house it is, in a cluster")
    .option("--force", "with --write: replace a file that is there")
    .action(async (options: Options) => {
      process.exitCode = await act(options);
    });
}

function act(options: Options): Promise<number> {
  const { stack, write: file, force = false } = options;
  if (file !== undefined) return write({ ...options, file, force, env: process.env, print: console.log });
  if (stack === undefined) throw new Error("adopt: whose house? - give --stack <name>, or --write <file> to make one");
  const stackHouse = readStack(stack);
  return options.check ? look(stack, stackHouse) : adopt(stack, stackHouse, options.withDifferences ?? false);
}

async function look(stack: string, { house, sections }: StackHouse): Promise<number> {
  const engine = () => engineOn(stack);
  return check(house, await environment(sections, engine), await cloudsOf(house, engine), console.log);
}

async function adopt(stack: string, stackHouse: StackHouse, withDifferences: boolean): Promise<number> {
  const problem = await recoverOwnStack(await ensureEngine(), ["--stack", stack], true);
  if (problem !== undefined) throw new Error(problem);
  const pulumi = await engineOn(stack);
  const env = await environment(stackHouse.sections, () => Promise.resolve(pulumi));
  const { house } = stackHouse;
  const clouds = await cloudsOf(house, () => Promise.resolve(pulumi));
  return takeOver({ house, withDifferences, env, clouds, pulumi, print: console.log });
}

/** The user's own engine, login and state. */
export async function engineOn(
  stack: string,
): Promise<
  (args: readonly string[], env?: NodeJS.ProcessEnv, options?: Pick<RunOptions, "input">) => Promise<RunResult>
> {
  const engine = await ensureEngine();
  return (args, env, options) =>
    run(join(engine.bin, "pulumi"), [...onStack(args, stack), "--non-interactive"], {
      cwd: projectRoot,
      env: { ...ownEnvironment(engine), ...env },
      ...options,
    });
}

const environment = async (
  sections: StackHouse["sections"],
  engine: () => Promise<TakeOver["pulumi"]>,
): Promise<NodeJS.ProcessEnv> =>
  needsEngine(sections, process.env) ? engineConfig(await engine()) : providerEnvironment(sections);

/** A stack that is not there yet has no configuration: the credentials are the environment's then, and that is said. */
async function cloudsOf(house: House, engine: () => Promise<TakeOver["pulumi"]>): Promise<CloudsLook> {
  if (cloudParts(house, {}).length === 0) return cloudsLook({}, process.env);
  const config = await stackConfig(await engine()).catch((error: unknown) => {
    console.error(`${(error as Error).message} - the clouds are asked with the environment's credentials`);
    return {};
  });
  return cloudsLook(config, process.env);
}
