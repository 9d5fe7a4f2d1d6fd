/**
 * `infinity adopt`: takes what exists into a stack's state. The engine does it, in a run whose provider process can't
 * write to Proxmox (providers/proxmox/adopt); this chooses what it is asked for.
 */
import { z } from "zod";
import type { RunResult } from "../../engine/run";
import type { House } from "../../house/schema";
import { declarable } from "../../house/unknowns";
import { ADOPTION_VARIABLE, type Adoption } from "../../providers/adoption";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import { compareHouse, comparisonLines, differencesOf, type Compared } from "./compareHouse";

export interface TakeOver {
  readonly house: House;
  /** Takes what differs over as it is, too. */
  readonly withDifferences: boolean;
  /** Environment of the look at Proxmox. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs `pulumi ARGS` on the stack, with these variables besides. */
  readonly pulumi: (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<RunResult>;
  readonly print: (line: string) => void;
}

const Deployment = z.object({
  deployment: z.object({ resources: z.array(z.object({ urn: z.string() })).nullish() }),
});

/** What the engine calls a part of the house, whatever project and stack: the end of its URN. */
const urnEnd = ({ kind, name }: Pick<Compared, "kind" | "name">): string =>
  `$pulumi-nodejs:dynamic/proxmox:${kind === "vm" ? "Vm" : "Storage"}::${name}`;

async function recorded(pulumi: TakeOver["pulumi"]): Promise<(part: Compared) => boolean> {
  const { resources } = Deployment.parse(JSON.parse(await must(pulumi, ["stack", "export"], {}))).deployment;
  const urns = (resources ?? []).map(({ urn }) => urn);
  return (part) => urns.some((urn) => urn.endsWith(urnEnd(part)));
}

/** Storages of the house that a VM's disks lie on. */
function storagesUnder({ house }: TakeOver, name: string): string[] {
  const vm = declarable(house)[name];
  const disks = Object.values(vm?.disks ?? {}).flatMap((disk) => (disk.physical === true ? [] : [disk.storage]));
  return [...disks, ...(vm?.cloudInit ? [vm.cloudInit.storage] : [])].filter((id) => id in (house.storages ?? {}));
}

/** The part with the components that it stands in. */
function urnsOf(part: Compared): string[] {
  const parent =
    part.kind === "vm" ? `**::infinity:house:VirtualMachine::${part.name}` : "**::infinity:house:Storages::*";
  return [parent, `**${urnEnd(part)}`];
}

const targets = (parts: readonly Compared[]): string[] =>
  [...new Set(parts.flatMap(urnsOf))].flatMap((urn) => ["--target", urn]);

/** @returns 0 all of the house is in the stack, 7 something was left out, 1 nothing was taken over. */
export async function takeOver(asked: TakeOver): Promise<number> {
  const { house, withDifferences, env, pulumi, print } = asked;
  const client = connect(connectionFrom(env));
  const compared = await compareHouse(house, client).finally(() => client.close());
  const isRecorded = await recorded(pulumi);
  const fresh = compared.filter((part) => !isRecorded(part));
  for (const line of comparisonLines(fresh)) print(line);

  const stuck = fresh.filter(({ kind, result }) => typeof result === "string" || (kind === "vm" && !result));
  if (stuck.length > 0) {
    print(`\nnothing was taken over: ${stuck.map(({ title }) => title).join(", ")} - ${FIX}`);
    return 1;
  }
  const fits = (part: Compared): boolean => {
    const found = differencesOf(part);
    return found !== undefined && (withDifferences || found.length === 0);
  };
  const there = new Set(
    compared.filter((part) => part.kind === "storage" && (isRecorded(part) || fits(part))).map(({ name }) => name),
  );
  const missing = (part: Compared): string[] =>
    part.kind === "vm" ? storagesUnder(asked, part.name).filter((id) => !there.has(id)) : [];
  const taken = fresh.filter((part) => fits(part) && missing(part).length === 0);
  if (taken.length > 0) await adopt(asked, taken);

  const left = fresh.filter((part) => !taken.includes(part));
  print(
    `\n${taken.length} taken over, ${compared.length - fresh.length} in the stack before; nothing was written to Proxmox`,
  );
  for (const part of left) {
    const why = missing(part).map((id) => `storage ${id} is not taken over`);
    print(`left out: ${part.title}: ${why.join(", ") || (part.result === undefined ? "not there" : "differs")}`);
  }
  return left.length === 0 ? 0 : 7;
}

const FIX = "take what is not there out of the house, or restore it first; adopting never makes a VM";

async function adopt({ withDifferences, pulumi }: TakeOver, taken: readonly Compared[]): Promise<void> {
  const adoption: Adoption = withDifferences ? "differing" : "matching";
  const env = { [ADOPTION_VARIABLE]: adoption };
  await must(pulumi, ["up", "--yes", "--skip-preview", ...targets(taken)], env);
  // The engine records what the house says; what there is replaces it, so that the next preview shows the difference.
  const differing = taken.filter((part) => differencesOf(part)?.length !== 0);
  if (differing.length > 0) await must(pulumi, ["refresh", "--yes", "--skip-preview", ...targets(differing)], env);
}

/** @throws Error with the engine's own output where it fails. */
async function must(
  pulumi: TakeOver["pulumi"],
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { code, stdout, stderr } = await pulumi(args, env);
  if (code !== 0) throw new Error(`pulumi ${args[0] ?? ""} ended with exit code ${code}\n${stdout}${stderr}`);
  return stdout;
}
