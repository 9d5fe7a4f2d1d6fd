/** Looks for drift: what a stack recorded, what its Proxmox and clouds have, and what the house wants. Sends nothing but GET. */
import { storageArgs } from "../../components/storageArgs";
import { vmUuid } from "../../components/identity";
import { vmArgs } from "../../components/vmArgs";
import type { House } from "../../house/schema";
import { declarable } from "../../house/unknowns";
import type { CloudsLook } from "../../providers/clouds/look";
import type { CheckFailure } from "../../providers/lifecycle";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import { checkStorage } from "../../providers/proxmox/storage/check";
import type { StorageState } from "../../providers/proxmox/storage/inputs";
import { storageLifecycle } from "../../providers/proxmox/storage/lifecycle";
import { checkVm } from "../../providers/proxmox/vm/check";
import type { VmState } from "../../providers/proxmox/vm/inputs";
import { vmLifecycle } from "../../providers/proxmox/vm/lifecycle";
import { findings } from "./findings";
import { lookAtClouds, type CloudResource } from "./lookAtClouds";
import type { RecordedResource } from "./recorded";
import { uncheckedPart, type DriftReport, type Part } from "./report";

export interface Looked {
  readonly stack: string;
  readonly house: House;
  readonly client: ProxmoxClient;
  readonly clouds: CloudsLook;
  readonly resources: readonly RecordedResource[];
  /** Resources of kinds that are not looked at. */
  readonly others: number;
}

type ProxmoxResource = RecordedResource & { readonly kind: "Vm" | "Storage" };

const isProxmox = (resource: RecordedResource): resource is ProxmoxResource =>
  resource.kind === "Vm" || resource.kind === "Storage";
const isCloud = (resource: RecordedResource): resource is CloudResource => !isProxmox(resource);

type Properties = Readonly<Record<string, unknown>>;

interface Wanted {
  readonly inputs: Properties;
  readonly failures: readonly CheckFailure[];
}

const titleOf = (kind: ProxmoxResource["kind"], name: string, id: string): string =>
  kind === "Vm" ? `VM ${id} ${name}` : `storage ${name}`;

/** What the providers' `read` gives back for the recorded state: canonical inputs; `{}` where there is nothing. */
function readLive(client: ProxmoxClient, { kind, id, outputs }: ProxmoxResource): Promise<{ inputs?: object }> {
  if (kind === "Storage") return storageLifecycle(() => client).read(id, outputs as unknown as StorageState);
  const world = { client: () => client, rootLogin: () => undefined, tell: () => undefined };
  return vmLifecycle(world).read(id, outputs as unknown as VmState);
}

/** As `check` would pass it on after this look; `undefined` where the house has no such part. */
function wantedOf(looked: Looked, { kind, name, project }: ProxmoxResource, live: Properties): Wanted | undefined {
  const { house, stack } = looked;
  const storage = house.storages?.[name];
  const vm = declarable(house)[name];
  const checked =
    kind === "Storage"
      ? storage && checkStorage(live, storageArgs(house, name, storage))
      : vm && checkVm(live, vmArgs(house, vm, vmUuid(project, stack, vm.vmid)), () => undefined);
  return checked && { inputs: checked.inputs as unknown as Properties, failures: checked.failures };
}

async function lookAt(looked: Looked, resource: ProxmoxResource): Promise<Part> {
  const { kind, name, id, inputs, outputs, secrets } = resource;
  const title = titleOf(kind, name, id);
  try {
    const live = (await readLive(looked.client, resource)).inputs as Properties | undefined;
    const wanted = wantedOf(looked, resource, live ?? {});
    const notes = [
      ...(wanted === undefined ? ["it left the house: the next up forgets it, and leaves it as it is"] : []),
      ...(wanted?.failures ?? []).map(({ property, reason }) => `the next up refuses: ${property}: ${reason}`),
    ];
    if (live === undefined) {
      const gone = "it is not there any more: the next up makes it again";
      return { title, state: "drift", findings: [], notes: wanted === undefined ? notes : [gone, ...notes] };
    }
    if (live.gone === true)
      return { title, state: "drift", findings: [], notes: ["it is not there any more", ...notes] };
    const acknowledged = outputs.acknowledged as Readonly<Record<string, string>> | undefined;
    const found = findings({ recorded: inputs, live, wanted: wanted?.inputs, acknowledged, secrets });
    return { title, state: found.length + notes.length > 0 ? "drift" : "clean", findings: found, notes };
  } catch (error) {
    return uncheckedPart(title, error);
  }
}

/** Parts of the house that no `up` has made or taken over. */
function newParts({ house, resources }: Looked): Part[] {
  const has = (kind: ProxmoxResource["kind"], name: string): boolean =>
    resources.some((resource) => resource.kind === kind && resource.name === name);
  const storages = Object.keys(house.storages ?? {}).filter((name) => !has("Storage", name));
  const vms = Object.entries(declarable(house)).filter(([name]) => !has("Vm", name));
  const titles = [
    ...storages.map((name) => titleOf("Storage", name, name)),
    ...vms.map(([name, { vmid }]) => titleOf("Vm", name, String(vmid))),
  ];
  return titles.map((title) => ({ title, state: "new", findings: [], notes: ["not in the stack yet"] }));
}

/** All parts side by side; one that can't be reached does not hide the rest. */
export async function lookForDrift(looked: Looked): Promise<DriftReport> {
  const { house, resources, clouds } = looked;
  const [machines, outside] = await Promise.all([
    Promise.all(resources.filter(isProxmox).map((resource) => lookAt(looked, resource))),
    lookAtClouds({ house, look: clouds, resources: resources.filter(isCloud) }),
  ]);
  const parts = [...machines, ...outside.recorded];
  const all = [...parts, ...newParts(looked), ...outside.fresh];
  return {
    stack: looked.stack,
    checked: parts.filter(({ state }) => state !== "unchecked").length,
    total: parts.length,
    // The state's order is that in which things were made.
    parts: all.sort((a, b) => a.title.localeCompare(b.title, "en", { numeric: true })),
    others: looked.others,
  };
}
