/** From what was found on a Proxmox to a house's parts. Pure. */
import { describeVm } from "../../providers/proxmox/adopt/describeVm";
import type { Found } from "../../providers/proxmox/adopt/lookAround";
import { hostPart, parseNetwork } from "../../values/network";
import { formatSize } from "../../values/size";
import type { FoundHouse } from "./stackFile";
import { storageEntry } from "./storageEntry";
import { vmEntry, type Entry, type EntryNetwork, type VmEntry } from "./vmEntry";

const MIB = 1024 ** 2;

export interface Address {
  /** Origin of the API: `https://192.168.86.106:8006`. */
  readonly endpoint: string;
  readonly tls?: { readonly fingerprint?: string; readonly caFile?: string };
}

/** The gateway that most VMs are given by cloud-init, if it is in the network. */
function gatewayOf(found: Found, cidr: string): number | undefined {
  const network = parseNetwork(cidr);
  const counts = new Map<number, number>();
  for (const { vmid, observed } of found.vms) {
    const { addresses = {} } = describeVm(vmid, observed.wanted).vm.cloudInit ?? {};
    const host = network && hostPart(network, addresses.net0?.gateway ?? "");
    if (host !== undefined) counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function hypervisor({ node, version, cpus, memory }: Found, address: Address, cidr: string | undefined): Entry {
  const { hostname, port } = new URL(address.endpoint);
  const network = cidr === undefined ? undefined : parseNetwork(cidr);
  const host = port === "8006" && network ? hostPart(network, hostname) : undefined;
  return {
    node,
    ...(host === undefined ? { endpoint: address.endpoint } : { address: host }),
    version,
    ...(cpus !== undefined && { cpus }),
    // Whole MiB, as the house counts RAM.
    ...(memory !== undefined && { memory: formatSize(Math.floor(memory / MIB) * MIB) }),
    ...(address.tls && { tls: address.tls }),
  };
}

/** @param cidr the house's network: hosts are then named by their part of it. */
export function houseOf(found: Found, address: Address, cidr: string | undefined): FoundHouse {
  const gateway = cidr === undefined ? undefined : gatewayOf(found, cidr);
  const network: EntryNetwork | undefined =
    cidr === undefined ? undefined : { cidr, ...(gateway !== undefined && { gateway }) };
  const vms: VmEntry[] = [];
  for (const { vmid, observed } of found.vms) {
    const described = describeVm(vmid, observed.wanted);
    const pending = observed.pending.join(", ");
    const waits = { key: pending, why: "waits for its next start; the house has what will be then" };
    const leftOut = pending === "" ? described.leftOut : [...described.leftOut, waits];
    const taken = new Set(vms.map(({ name }) => name));
    vms.push(vmEntry({ ...described, leftOut }, observed.status, network, taken));
  }
  return {
    hypervisor: hypervisor(found, address, cidr),
    network,
    storages: found.storages.map((storage) => storageEntry(storage, network)),
    vms,
    leftOut: found.leftOut,
  };
}
