/**
 * `infinity adopt`: takes what exists into a stack's state. The engine does it, in a run whose provider process can't
 * write to Proxmox (providers/proxmox/adopt); this chooses what it is asked for.
 */
import { z } from "zod";
import type { RunResult } from "../../engine/run";
import type { House } from "../../house/schema";
import type { CloudRecords } from "../../components/cloudParts";
import { declarable } from "../../house/unknowns";
import { ADOPTION_VARIABLE, type Adoption } from "../../providers/adoption";
import { CLOUD_TYPES } from "../../providers/clouds/kinds";
import { cloudsLook, type CloudsLook } from "../../providers/clouds/look";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import { cloudRecords } from "../drift/lookAtClouds";
import { recordedResources } from "../drift/recorded";
import { compareClouds } from "./compareClouds";
import { compareHouse, comparisonLines, differencesOf, type Compared } from "./compareHouse";

export interface TakeOver {
  readonly house: House;
  /** Takes what differs over as it is, too. */
  readonly withDifferences: boolean;
  /** Environment of the look at Proxmox. */
  readonly env: NodeJS.ProcessEnv;
  /** @default asked with the environment's credentials */
  readonly clouds?: CloudsLook;
  /** Runs `pulumi ARGS` on the stack, with these variables besides. */
  readonly pulumi: (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<RunResult>;
  readonly print: (line: string) => void;
}

const Deployment = z.object({
  deployment: z.object({ resources: z.array(z.object({ urn: z.string() })).nullish() }),
});

interface State {
  readonly has: (part: Compared) => boolean;
  readonly clouds: CloudRecords;
}

/** What the engine calls a part of the house, whatever project and stack: the end of its URN. */
const urnEnd = ({ kind, type, name }: Compared): string =>
  `$${type ?? `pulumi-nodejs:dynamic/proxmox:${kind === "vm" ? "Vm" : "Storage"}`}::${name}`;

async function recorded(pulumi: TakeOver["pulumi"]): Promise<State> {
  const exported = await must(pulumi, ["stack", "export"], {});
  const urns = (Deployment.parse(JSON.parse(exported)).deployment.resources ?? []).map(({ urn }) => urn);
  return {
    has: (part) => urns.some((urn) => urn.endsWith(urnEnd(part))),
    clouds: cloudRecords(recordedResources(exported).resources),
  };
}

/** Storages of the house that a VM's disks lie on. */
function storagesUnder({ house }: TakeOver, name: string): string[] {
  const vm = declarable(house)[name];
  const disks = Object.values(vm?.disks ?? {}).flatMap((disk) => (disk.physical === true ? [] : [disk.storage]));
  return [...disks, ...(vm?.cloudInit ? [vm.cloudInit.storage] : [])].filter((id) => id in (house.storages ?? {}));
}

/** The component that it stands in. */
function parentOf({ kind, type, name }: Compared): string {
  if (kind === "vm") return `**::infinity:house:VirtualMachine::${name}`;
  if (kind === "storage") return "**::infinity:house:Storages::*";
  return `**::infinity:house:${type === CLOUD_TYPES.DnsRecord ? "Names" : "TunnelServer"}::*`;
}

const targets = (parts: readonly Compared[]): string[] =>
  [...new Set(parts.flatMap((part) => [parentOf(part), `**${urnEnd(part)}`]))].flatMap((urn) => ["--target", urn]);

/** @returns 0 all of the house is in the stack, 7 something was left out, 1 nothing was taken over. */
export async function takeOver(asked: TakeOver): Promise<number> {
  const { house, withDifferences, env, pulumi, print } = asked;
  const client = connect(connectionFrom(env));
  const { has: isRecorded, clouds } = await recorded(pulumi);
  const [machines, outside] = await Promise.all([
    compareHouse(house, client).finally(() => client.close()),
    compareClouds(house, asked.clouds ?? cloudsLook({}, env), clouds),
  ]);
  const compared = [...machines, ...outside];
  const fresh = compared.filter((part) => !isRecorded(part));
  for (const line of comparisonLines(fresh)) print(line);

  const stuck = fresh.filter(({ kind, result }) => typeof result === "string" || (kind === "vm" && !result));
  if (stuck.length > 0) {
    print(`\nnothing was taken over: ${stuck.map(({ title }) => title).join(", ")} - ${FIX}`);
    return 1;
  }
  const fits = (part: Compared): boolean => {
    const found = differencesOf(part);
    // The engine imports from a cloud only what is as the program says.
    return found !== undefined && (found.length === 0 || (withDifferences && part.kind !== "cloud"));
  };
  const there = new Set(compared.filter((part) => isRecorded(part) || fits(part)).map(({ title }) => title));
  const missing = (part: Compared): string[] => {
    const storages = part.kind === "vm" ? storagesUnder(asked, part.name) : [];
    const needs = [...storages.map((id) => `storage ${id}`), ...(part.needs ?? [])];
    return needs.filter((title) => !there.has(title));
  };
  const taken = fresh.filter((part) => fits(part) && missing(part).length === 0);
  if (taken.length > 0) await adopt(asked, taken);

  const left = fresh.filter((part) => !taken.includes(part));
  print(`\n${taken.length} taken over, ${compared.length - fresh.length} in the stack before; nothing was written`);
  for (const part of left) {
    const why = missing(part).map((title) => `${title} is not taken over`);
    const reason = part.result === undefined ? (part.hint ?? "not there") : why.join(", ") || "differs";
    print(`left out: ${part.title}: ${reason}`);
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
