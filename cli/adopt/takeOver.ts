/**
 * `infinity adopt`: takes what exists into a stack's state. The engine does it, in a run whose provider process can neither
 * write to Proxmox nor change a guest (providers/adoption.ts); this chooses what it is asked for.
 */
import { z } from "zod";
import type { RunResult } from "../../engine/run";
import type { House } from "../../house/schema";
import type { CloudRecords } from "../../components/cloudParts";
import { ADOPTION_VARIABLE, type Adoption } from "../../providers/adoption";
import { CLOUD_TYPES } from "../../providers/clouds/kinds";
import { cloudsLook, type CloudsLook } from "../../providers/clouds/look";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import { cloudRecords } from "../drift/lookAtClouds";
import { recordedResources } from "../drift/recorded";
import { compareClouds } from "./compareClouds";
import { compareGuests, lackingLines, type Inside } from "./compareGuests";
import { compareHouse, comparisonLines, differencesOf, type Compared } from "./compareHouse";

export interface TakeOver {
  readonly house: House;
  /** Takes what differs over as it is, too. */
  readonly withDifferences: boolean;
  /** Environment of the look at Proxmox. */
  readonly env: NodeJS.ProcessEnv;
  /** @default asked with the environment's credentials */
  readonly clouds?: CloudsLook;
  /** What the house has inside its VMs. @default that is left out */
  readonly inside?: Inside;
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
const urnEnd = ({ type, name }: Compared): string => `$${type}::${name}`;

async function recorded(pulumi: TakeOver["pulumi"]): Promise<State> {
  const exported = await must(pulumi, ["stack", "export"], {});
  const urns = (Deployment.parse(JSON.parse(exported)).deployment.resources ?? []).map(({ urn }) => urn);
  return {
    has: (part) => urns.some((urn) => urn.endsWith(urnEnd(part))),
    clouds: cloudRecords(recordedResources(exported).resources),
  };
}

/** There also where the house has no storages: a preview would make it otherwise. */
const STORAGES = "**::infinity:house:Storages::*";

/** The components that it stands in. */
function parentsOf({ kind, type, name, guest }: Compared): string[] {
  if (kind === "vm") return [`**::infinity:house:VirtualMachine::${name}`];
  if (kind === "storage") return [STORAGES];
  if (kind === "image") return ["**::infinity:house:Images::*"];
  if (kind === "guest")
    return [`**::infinity:house:VirtualMachine::${guest ?? ""}`, `**$infinity:house:GuestSystem::${guest ?? ""}`];
  return [`**::infinity:house:${type === CLOUD_TYPES.DnsRecord ? "Names" : "TunnelServer"}::*`];
}

const targets = (parts: readonly Compared[]): string[] =>
  [...new Set([STORAGES, ...parts.flatMap((part) => [...parentsOf(part), `**${urnEnd(part)}`])])].flatMap((urn) => [
    "--target",
    urn,
  ]);

/** Those of the parts whose needs are there, or among them, in turn. @param there titles */
function withTheirNeeds(parts: readonly Compared[], there: readonly string[]): readonly Compared[] {
  const all = new Set([...there, ...parts.map(({ title }) => title)]);
  const kept = parts.filter(({ needs = [] }) => needs.every((title) => all.has(title)));
  return kept.length === parts.length ? parts : withTheirNeeds(kept, there);
}

/** @returns 0 all of the house is in the stack, 7 something was left out, 1 nothing was taken over. */
export async function takeOver(asked: TakeOver): Promise<number> {
  const { house, withDifferences, env, pulumi, print } = asked;
  const client = connect(connectionFrom(env));
  const { has: isRecorded, clouds } = await recorded(pulumi);
  const [machines, within, outside] = await Promise.all([
    compareHouse(house, client).finally(() => client.close()),
    asked.inside ? compareGuests(house, asked.inside).finally(() => asked.inside?.look.close()) : [],
    compareClouds(house, asked.clouds ?? cloudsLook({}, env), clouds),
  ]);
  const compared = [...machines, ...within, ...outside];
  const fresh = compared.filter((part) => !isRecorded(part));
  for (const line of comparisonLines(fresh)) print(line);
  for (const line of asked.inside ? lackingLines(asked.inside.plan) : []) print(line);

  // What is inside a VM that doesn't answer is left out, and a file that can't be known of; the VM itself is not.
  const stuck = fresh.filter(
    ({ kind, result }) =>
      !["guest", "image"].includes(kind) && (typeof result === "string" || (kind === "vm" && !result)),
  );
  if (stuck.length > 0) {
    print(`\nnothing was taken over: ${stuck.map(({ title }) => title).join(", ")} - ${FIX}`);
    return 1;
  }
  const fits = (part: Compared): boolean => {
    const found = differencesOf(part);
    // The engine imports from a cloud only what is as the program says.
    return found !== undefined && (found.length === 0 || (withDifferences && part.kind !== "cloud"));
  };
  const before = compared.filter(isRecorded).map(({ title }) => title);
  const taken = withTheirNeeds(fresh.filter(fits), before);
  const there = new Set([...before, ...taken.map(({ title }) => title)]);
  const missing = ({ needs = [] }: Compared): string[] => needs.filter((title) => !there.has(title));
  if (taken.length > 0) await adopt(asked, taken);

  const left = fresh.filter((part) => !taken.includes(part));
  print(`\n${taken.length} taken over, ${compared.length - fresh.length} in the stack before; nothing was written`);
  for (const part of left) {
    const why = missing(part).map((title) => `${title} is not taken over`);
    const own = part.result === undefined ? (part.hint ?? "not there") : "differs";
    const reason = typeof part.result === "string" ? "it could not be looked at" : why.join(", ") || own;
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
