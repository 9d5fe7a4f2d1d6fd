/**
 * A VM as Proxmox has it, as an entry of the house that a person would have written: what is so by default is left out,
 * and what the house can't say is named with the reason. Pure.
 */
import type { Described, VmDescription } from "../../providers/proxmox/adopt/describeVm";
import type { LeftOut } from "../../providers/proxmox/adopt/leftOut";
import { hostPart, parseNetwork, type Network } from "../../values/network";
import { without } from "../../values/without";
import { diskProblems } from "../checks/disks";
import { identityProblems } from "../checks/identity";
import type { Draft } from "../schema";
import { CLOUD_INIT_SLOT } from "../sections/cloudInit";
import { vmSection } from "../sections/vm";

export type Entry = Readonly<Record<string, unknown>>;

export interface VmEntry {
  /** Its short name in the house. */
  readonly name: string;
  readonly entry: Entry;
  readonly leftOut: readonly LeftOut[];
}

export type EntryNetwork = Pick<NonNullable<Draft["network"]>, "cidr" | "gateway">;

/** `media-1` of `Media 1.local`; a VM without a name is called by its number. */
export function shortName({ name, vmid }: VmDescription): string {
  const label =
    (name ?? "")
      .toLowerCase()
      .split(".")[0]
      ?.replace(/[^a-z0-9-]+/g, "-")
      .replace(/^-+|-+$/g, "") ?? "";
  return label === "" ? `vm-${vmid}` : label.slice(0, 63).replace(/-+$/, "");
}

/** An address as people write it: a host's part of the network where it is one. */
const written = (network: Network | undefined, address: string): number | string =>
  (network && hostPart(network, address)) ?? address;

interface Place {
  readonly address?: number | string;
  readonly cloudInit?: Entry;
  readonly leftOut: readonly LeftOut[];
}

/** The house gives net0 the VM's address, or dhcp, and no other NIC one: another setting can't be said. */
function place({ cloudInit }: VmDescription, given: EntryNetwork | undefined): Place {
  if (cloudInit === undefined) return { leftOut: [] };
  const network = given && parseNetwork(given.cidr);
  const { addresses = {}, slot, nameservers, ...rest } = cloudInit;
  const { address = "", gateway } = addresses.net0 ?? {};
  const [host = "", prefix] = address.split("/");
  const inside = network !== undefined && hostPart(network, host) !== undefined;
  const own = inside ? { address: written(network, host) } : {};
  const router = given?.gateway === undefined ? undefined : String(given.gateway);
  const says = gateway === undefined ? undefined : String(written(network, gateway));
  const dhcp = address === "dhcp" && gateway === undefined;
  const fixed = inside && Number(prefix) === network.prefix && says === router;
  if (Object.keys(addresses).join() !== "net0" || !(dhcp || fixed)) {
    const value = Object.entries(addresses).map(([nic, set]) => `${nic}: ${set.address}`);
    const why =
      "the house sets dhcp, or the VM's address in its network with the gateway, on net0 alone; it stays as it is";
    return { ...own, leftOut: [{ key: "cloudInit", value: value.join(", ") || "no address", why }] };
  }
  return {
    ...own,
    cloudInit: {
      ...(slot === undefined || slot === CLOUD_INIT_SLOT ? {} : { slot }),
      ...rest,
      ...(nameservers && { nameservers: nameservers.map((server) => written(network, server)) }),
    },
    leftOut: [],
  };
}

function nicEntries(nics: VmDescription["nics"] = {}): { nics?: Entry } {
  const entries = Object.entries(nics).map(([slot, { model, bridge, ...rest }]) => {
    return [slot, { ...(model !== "virtio" && { model }), ...(bridge !== "vmbr0" && { bridge }), ...rest }] as const;
  });
  const plain = JSON.stringify(Object.fromEntries(entries)) === '{"net0":{}}';
  return plain ? {} : { nics: Object.fromEntries(entries) };
}

const diskEntries = (disks: VmDescription["disks"] = {}): Entry =>
  Object.fromEntries(
    Object.entries(disks).map(([slot, disk]) => [slot, "path" in disk ? { physical: true, ...disk } : disk]),
  );

function candidate(vm: VmDescription, status: string, { address, cloudInit }: Place, name: string): Entry {
  const { vmid, name: hostname, cpu, memory, balloon, disks, nics, cloudInit: told, description, ...rest } = vm;
  return {
    vmid,
    ...(hostname !== undefined && hostname !== name && { hostname }),
    state: status,
    ...(address !== undefined && { address }),
    cpu,
    memory,
    ...(balloon !== undefined && { balloon: balloon === "0B" ? "0MiB" : balloon }),
    disks: diskEntries(disks),
    ...nicEntries(nics),
    ...(cloudInit && { cloudInit }),
    ...rest,
    ...(description !== undefined && { description }),
  };
}

const OPTIONAL = ["user", "sshKeys", "nameservers", "searchDomain"];

/** The part of an entry that can't be without a value: a whole disk or NIC, or the property. */
function part([first = "", second = ""]: readonly string[]): string[] {
  const nested = first === "disks" || first === "nics" || (first === "cloudInit" && OPTIONAL.includes(second));
  return nested ? [first, second] : [first];
}

/** What the house's own rules say of an entry, the first of it. */
function refusal(name: string, entry: Entry): { path: string[]; why: string } | undefined {
  const result = vmSection.safeParse(entry);
  const [issue] = result.error?.issues ?? [];
  if (issue) return { path: issue.path.map(String), why: issue.message };
  const draft = { vms: result.success ? { [name]: result.data } : {} };
  const [problem] = [...diskProblems(draft, undefined), ...identityProblems(draft)];
  return problem && { path: problem.path.split(".").slice(2), why: `${problem.rule} - ${problem.fix}` };
}

/**
 * @param status whether it runs.
 * @param taken short names that other VMs have already.
 */
export function vmEntry(
  { vm, leftOut }: Described,
  status: string,
  network: EntryNetwork | undefined,
  taken: ReadonlySet<string>,
): VmEntry {
  const short = shortName(vm);
  const name = taken.has(short) ? `${short.slice(0, 52)}-${vm.vmid}` : short;
  const set = place(vm, network);
  const left = [...leftOut, ...set.leftOut];
  if (vm.name === undefined)
    left.push({ key: "name", why: `it has none in Proxmox, and the house gives it one: an up writes ${name}` });
  let entry = candidate(vm, status, set, name);
  for (let rule = refusal(name, entry); rule; rule = refusal(name, entry)) {
    const path = part(rule.path);
    // Without its number there is no entry; it is the whole that is said to be wrong then.
    if (path[0] === "vmid" || path[0] === "")
      return { name, entry, leftOut: [...left, { key: "vmid", why: rule.why }] };
    left.push({ key: path.join("."), why: rule.why });
    entry = without(entry, path);
  }
  return { name, entry, leftOut: left };
}
