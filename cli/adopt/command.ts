/** `infinity adopt ...`: a house and what is there of it already. Arguments only; what they do stands beside this. */
import { join } from "node:path";
import { Command } from "commander";
import { ensureEngine } from "../../engine/engine";
import { onStack, run, type RunOptions, type RunResult } from "../../engine/run";
import { cloudParts } from "../../components/cloudParts";
import { knownGuests } from "../../house/guests";
import { configFromSections, type Sections } from "../../house/load";
import { cloudsLook } from "../../providers/clouds/look";
import { providerEnvironment, readStack, type StackHouse } from "../readStack";
import { recoverOwnStack } from "../ownStack";
import { ownEnvironment } from "../pulumi";
import { projectRoot } from "../root";
import { guestsLook, planOf } from "../guestsLook";
import { check, type Check } from "./check";
import { engineConfig, needsEngine, providerEnv, stackConfig } from "./engineConfig";
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
    .description("take what exists on a Proxmox, inside its VMs and in the clouds into a stack, without a single write")
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

async function look(stack: string, stackHouse: StackHouse): Promise<number> {
  return check({ ...(await surroundings(stackHouse, () => engineOn(stack))), print: console.log });
}

async function adopt(stack: string, stackHouse: StackHouse, withDifferences: boolean): Promise<number> {
  const problem = await recoverOwnStack(await ensureEngine(), ["--stack", stack], true);
  if (problem !== undefined) throw new Error(problem);
  const pulumi = await engineOn(stack);
  const around = await surroundings(stackHouse, () => Promise.resolve(pulumi));
  return takeOver({ ...around, withDifferences, pulumi, print: console.log });
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

type Engine = () => Promise<TakeOver["pulumi"]>;

/** What the house is compared with. The engine is asked only for what is its alone: encrypted values. */
async function surroundings({ house, sections }: StackHouse, engine: Engine): Promise<Omit<Check, "print">> {
  const env = needsEngine(sections, process.env) ? await engineConfig(await engine()) : providerEnvironment(sections);
  const looksInside = Object.keys(knownGuests(house)).length > 0;
  const config = looksInside || cloudParts(house, {}).length > 0 ? await configOf(sections, engine) : {};
  const plan = looksInside ? planOf(house, config) : { stacks: [], leftOut: [], lacking: [] };
  const inside = { look: guestsLook(providerEnv(config)), plan };
  return { house, env, clouds: cloudsLook(config, process.env), inside };
}

/** A stack that is not there yet has no configuration: the credentials are the environment's then, and that is said. */
async function configOf(sections: Sections, engine: Engine): Promise<Readonly<Record<string, string>>> {
  return stackConfig(await engine()).catch((error: unknown) => {
    const without = "clouds and guests are asked with the environment's credentials, and encrypted values aren't known";
    console.error(`${(error as Error).message} - ${without}`);
    return configFromSections(sections);
  });
}
