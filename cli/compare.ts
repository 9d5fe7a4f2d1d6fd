/** `infinity compare`: a house beside the Proxmox it describes, read-only. Reads stack files; asks Proxmox with GET only. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import { storageArgs } from "../components/storageArgs";
import { vmArgs } from "../components/vmArgs";
import { extendedSections } from "../house/extends";
import { parseHouse } from "../house/house";
import { sectionsFromStackFile, type Sections } from "../house/load";
import type { House } from "../house/schema";
import { declarable, unknowns } from "../house/unknowns";
import { compareStorages, compareVm, type Comparison } from "../providers/proxmox/compare";
import { connect } from "../providers/proxmox/connect";
import { connectionFrom } from "../providers/proxmox/connection";
import { formatProblem } from "../values/problem";
import { projectRoot } from "./root";

interface Compared {
  readonly title: string;
  /** A message where it could not be known. */
  readonly result: Comparison | string;
}

/** @returns 0 nothing differs, 7 something does, 1 something could not be checked (Pulumi's own exit codes). */
export async function compare(stack: string): Promise<number> {
  const { house, sections } = readStack(stack);
  const client = connect(connectionFrom(environment(sections)));
  try {
    const compared = await compareAll(house, client);
    for (const line of compared.flatMap(report)) console.log(line);
    for (const { path, missing } of unknowns(house)) console.log(`${pc.dim("?")} ${path}: ${missing}: not known`);
    const checked = compared.filter(({ result }) => typeof result !== "string");
    console.log(`\n${checked.length} of ${compared.length} checked, nothing was written`);
    if (checked.length < compared.length) return 1;
    return compared.some(({ result }) => result === undefined || result.length > 0) ? 7 : 0;
  } finally {
    await client.close();
  }
}

function readStack(stack: string): { house: House; sections: Sections } {
  const read = (file: string): string | undefined => {
    const path = join(projectRoot, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const file = `Pulumi.${stack}.yaml`;
  const text = read(file);
  if (text === undefined) throw new Error(`--stack ${stack}: there is no ${file} - describe your house in it first`);
  const own = sectionsFromStackFile(text, file);
  const { sections, problems } = extendedSections(own.sections, read);
  const parsed = parseHouse({ sections, problems: [...own.problems, ...problems] });
  if ("problems" in parsed)
    throw new Error(`the house has problems:\n${parsed.problems.map(formatProblem).join("\n")}`);
  return { house: parsed.house, sections };
}

/** What the engine would hand to the provider; encrypted values are the engine's alone, so credentials come from outside. */
function environment(sections: Sections): NodeJS.ProcessEnv {
  const { apiToken, password, ...hypervisor } = (sections.hypervisor ?? {}) as Record<string, unknown>;
  const plain = Object.entries({ apiToken, password }).filter(([, value]) => typeof value === "string");
  const config = {
    hypervisor: JSON.stringify({ ...hypervisor, ...Object.fromEntries(plain) }),
    ...(sections.network === undefined ? {} : { network: JSON.stringify(sections.network) }),
  };
  return { ...process.env, PULUMI_CONFIG: JSON.stringify(config) };
}

async function compareAll(house: House, client: ReturnType<typeof connect>): Promise<Compared[]> {
  const storages = Object.entries(house.storages ?? {}).map(([id, storage]) => storageArgs(house, id, storage));
  const pools = await compareStorages(client, storages);
  const machines = Object.entries(declarable(house)).map(async ([name, vm]): Promise<Compared> => {
    // Whose it will be is not compared: any uuid does.
    const result = await compareVm(client, vmArgs(house, vm, "00000000-0000-5000-8000-000000000000")).catch(
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    return { title: `VM ${vm.vmid} ${name}`, result };
  });
  return [
    ...storages.map(({ storage }, index) => ({ title: `storage ${storage}`, result: pools[index] })),
    ...(await Promise.all(machines)),
  ];
}

function report({ title, result }: Compared): string[] {
  if (typeof result === "string") return [`${pc.red("!")} ${title}: not checked: ${result}`];
  if (result === undefined) return [`${pc.yellow("+")} ${title}: is not there`];
  if (result.length === 0) return [`${pc.green("=")} ${title}`];
  const text = (value: unknown) => (value === undefined ? "none" : JSON.stringify(value));
  return [
    `${pc.yellow("~")} ${title}`,
    ...result.map(({ property, live, wanted }) => `    ${property}: is ${text(live)}, the house says ${text(wanted)}`),
  ];
}
