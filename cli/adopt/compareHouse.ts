/** A house beside the Proxmox it describes, part by part. Asks Proxmox with GET only. */
import pc from "picocolors";
import { imageArgs } from "../../components/imageArgs";
import { storageArgs } from "../../components/storageArgs";
import { vmArgs } from "../../components/vmArgs";
import type { House } from "../../house/schema";
import { declarable, unknowns, type KnownVm } from "../../house/unknowns";
import { sentence } from "../../providers/proxmox/adopt/differing";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import { compareImage, compareStorages, compareVm, type Comparison } from "../../providers/proxmox/compare";

export interface Compared {
  readonly kind: "storage" | "image" | "vm" | "guest" | "cloud";
  /** The engine's type. */
  readonly type: string;
  /** Titles of what has to be in the stack before it. */
  readonly needs?: readonly string[];
  /** Why it is not there for this house, and what to do. */
  readonly hint?: string;
  /** Of the resource: a storage's id, an image's or a VM's short name in the house, a name of the domain. */
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

/** Titles of storages, where the house has them: one that it leaves to Proxmox has no part. */
const ofStorages = ({ storages = {} }: House, ids: readonly string[]): string[] =>
  [...new Set(ids)].filter((id) => id in storages).map((id) => `storage ${id}`);

/** Storages that a VM's disks lie on. */
const storagesUnder = ({ disks, cloudInit }: KnownVm): string[] => [
  ...Object.values(disks).flatMap((disk) => (disk.physical === true ? [] : [disk.storage])),
  ...(cloudInit ? [cloudInit.storage] : []),
];

const typeOf = (kind: string): string => `pulumi-nodejs:dynamic/proxmox:${kind}`;

const saying = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export async function compareHouse(house: House, client: ProxmoxClient): Promise<Compared[]> {
  const storages = Object.entries(house.storages ?? {}).map(([id, storage]) => storageArgs(house, id, storage));
  const pools = await compareStorages(client, storages);
  const images = Object.entries(house.images ?? {}).map(async ([name, image]): Promise<Compared> => {
    const result = await compareImage(client, imageArgs(house, image)).catch(saying);
    const needs = ofStorages(house, [image.storage]);
    return { kind: "image", type: typeOf("DownloadedImage"), name, title: `image ${name}`, needs, result };
  });
  const machines = Object.entries(declarable(house)).map(async ([name, vm]): Promise<Compared> => {
    const result = await compareVm(client, vmArgs(house, vm, ANY_UUID)).catch(saying);
    const needs = ofStorages(house, storagesUnder(vm));
    return { kind: "vm", type: typeOf("Vm"), name, title: `VM ${vm.vmid} ${name}`, needs, result };
  });
  return [
    ...storages.map(({ storage }, index): Compared => {
      const title = `storage ${storage}`;
      return { kind: "storage", type: typeOf("Storage"), name: storage, title, result: pools[index] };
    }),
    ...(await Promise.all([...images, ...machines])),
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
