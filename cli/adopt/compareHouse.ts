/** A house beside the Proxmox it describes, part by part. Asks Proxmox with GET only. */
import pc from "picocolors";
import { storageArgs } from "../../components/storageArgs";
import { vmArgs } from "../../components/vmArgs";
import type { House } from "../../house/schema";
import { declarable, unknowns } from "../../house/unknowns";
import { sentence } from "../../providers/proxmox/adopt/differing";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import { compareStorages, compareVm, type Comparison } from "../../providers/proxmox/compare";

export interface Compared {
  readonly kind: "storage" | "vm" | "guest" | "cloud";
  /** The engine's type of what is in a cloud or inside a VM. */
  readonly type?: string;
  /** Titles of what has to be in the stack before it. */
  readonly needs?: readonly string[];
  /** Why it is not there for this house, and what to do. */
  readonly hint?: string;
  /** Of the resource: a storage's id, a VM's short name in the house, a name of the domain. */
  readonly name: string;
  /** Short name of the VM that it is inside of. */
  readonly guest?: string;
  /** `VM 100 emby` */
  readonly title: string;
  /** A message where it could not be known. */
  readonly result: Comparison | string;
}

/** Whose it will be is not compared: any uuid does. */
const ANY_UUID = "00000000-0000-5000-8000-000000000000";

export async function compareHouse(house: House, client: ProxmoxClient): Promise<Compared[]> {
  const storages = Object.entries(house.storages ?? {}).map(([id, storage]) => storageArgs(house, id, storage));
  const pools = await compareStorages(client, storages);
  const machines = Object.entries(declarable(house)).map(async ([name, vm]): Promise<Compared> => {
    const result = await compareVm(client, vmArgs(house, vm, ANY_UUID)).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    return { kind: "vm", name, title: `VM ${vm.vmid} ${name}`, result };
  });
  return [
    ...storages.map(({ storage }, index): Compared => {
      return { kind: "storage", name: storage, title: `storage ${storage}`, result: pools[index] };
    }),
    ...(await Promise.all(machines)),
  ];
}

/** Whether it is there and could be looked at. */
export const differencesOf = ({ result }: Compared): Exclude<Comparison, undefined> | undefined =>
  typeof result === "string" ? undefined : result;

/** A line for each part, with one below it for each property that differs. */
export function comparisonLines(compared: readonly Compared[]): string[] {
  return compared.flatMap(({ title, result, hint }) => {
    if (typeof result === "string") return [`${pc.red("!")} ${title}: not checked: ${result}`];
    if (result === undefined) return [`${pc.yellow("+")} ${title}: ${hint ?? "is not there"}`];
    if (result.length === 0) return [`${pc.green("=")} ${title}`];
    return [`${pc.yellow("~")} ${title}`, ...result.map((difference) => `    ${sentence(difference)}`)];
  });
}

export const unknownLines = (house: House): string[] =>
  unknowns(house).map(({ path, missing }) => `${pc.dim("?")} ${path}: ${missing}: not known`);
