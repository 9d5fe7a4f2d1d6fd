/** Everything of one node that a house could name. Sends nothing but GET; a credential that only audits is enough. */
import type { ProxmoxClient } from "../client";
import type { Definition } from "../storage/definition";
import { observeListedVm } from "../vm/observe";
import type { ObservedVm } from "../vm/observed";
import type { LeftOut } from "./leftOut";

export interface FoundVm {
  readonly vmid: number;
  readonly observed: ObservedVm;
}

export interface Found {
  readonly node: string;
  /** Version of Proxmox VE. */
  readonly version: string;
  /** Logical CPUs and bytes of RAM, where the credential may see them. */
  readonly cpus?: number;
  readonly memory?: number;
  /** By id. */
  readonly storages: readonly Definition[];
  /** By VMID. */
  readonly vms: readonly FoundVm[];
  /** Guests that a house doesn't hold, or that could not be looked at. */
  readonly leftOut: readonly LeftOut[];
}

interface Node {
  readonly node: string;
  readonly maxcpu?: number;
  readonly maxmem?: number;
}

interface Guest {
  readonly vmid: number;
  readonly type: string;
  readonly node: string;
  readonly name?: string;
  readonly template?: number;
}

function theNode(nodes: readonly Node[], wanted: string | undefined): Node {
  const names = nodes.map(({ node }) => node).sort();
  const only = nodes.length === 1 ? nodes[0] : undefined;
  const found = wanted === undefined ? only : nodes.find(({ node }) => node === wanted);
  if (found) return found;
  throw new Error(
    wanted === undefined
      ? `--node: a house is one node's, and this cluster has ${names.join(", ")} - say which`
      : `--node: ${wanted}: is no node of this Proxmox - it has ${names.join(", ")}`,
  );
}

function noVm({ type, node, template }: Guest, ours: string): string | undefined {
  if (type === "lxc") return "a container; the house has VMs only, it is not touched";
  if (template === 1) return "a template; the house has VMs only, it is not touched";
  return node === ours ? undefined : `it is on node ${node}; this house is ${ours}'s, it is not touched`;
}

const titleOf = ({ type, vmid, name }: Guest): string =>
  [type === "lxc" ? "container" : "VM", String(vmid), ...(name === undefined ? [] : [name])].join(" ");

/** @param node whose house it is; may be left out where there is one only. @throws where Proxmox can't be looked at. */
export async function lookAround(client: ProxmoxClient, node?: string): Promise<Found> {
  const [{ version }, nodes, storages, guests] = await Promise.all([
    client.get<{ version: string }>("/version"),
    client.get<readonly Node[]>("/nodes"),
    client.get<readonly Definition[]>("/storage"),
    client.get<readonly Guest[]>("/cluster/resources", { type: "vm" }),
  ]);
  const home = theNode(nodes, node);
  const sorted = [...guests].sort((a, b) => a.vmid - b.vmid);
  const looks = await Promise.all(
    sorted.map(async (guest): Promise<FoundVm | LeftOut> => {
      const why = noVm(guest, home.node);
      if (why !== undefined) return { key: titleOf(guest), why };
      try {
        const observed = await observeListedVm(client, home.node, guest.vmid, undefined);
        return observed
          ? { vmid: guest.vmid, observed }
          : { key: titleOf(guest), why: "it went while it was looked at" };
      } catch (error) {
        return { key: titleOf(guest), why: `could not be looked at: ${(error as Error).message}` };
      }
    }),
  );
  return {
    node: home.node,
    version,
    cpus: home.maxcpu,
    memory: home.maxmem,
    storages: [...storages].sort((a, b) => a.storage.localeCompare(b.storage, "en")),
    vms: looks.filter((look): look is FoundVm => "observed" in look),
    leftOut: looks.filter((look): look is LeftOut => "key" in look),
  };
}
