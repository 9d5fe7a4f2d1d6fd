/** What there is beside what is wanted, before anything is taken over or made. Sends nothing but GET. */
import { differences, type Difference } from "../differences";
import { whichCount } from "./adopt/differing";
import type { ProxmoxClient } from "./client";
import type { ImageSpec } from "./image/args";
import { checkImage } from "./image/check";
import { fileSize } from "./image/download";
import type { StorageSpec } from "./storage/args";
import { checkStorage } from "./storage/check";
import { storageFromApi, type Definition } from "./storage/definition";
import type { VmSpec } from "./vm/args";
import { checkVm } from "./vm/check";
import { fromApi } from "./vm/fromApi";
import { observeListedVm } from "./vm/observe";

/** `undefined` where there is none. */
export type Comparison = readonly Difference[] | undefined;

/** @throws ProxmoxError where it can't be known whether the VM is there. */
export async function compareVm(client: ProxmoxClient, spec: VmSpec): Promise<Comparison> {
  const { inputs } = checkVm({}, spec, () => undefined);
  const observed = await observeListedVm(client, inputs.node, inputs.vmid, inputs.power);
  return observed && whichCount(differences(fromApi(observed, inputs, {}), inputs));
}

/** The definitions of all storages that the credential may see, then each beside what is wanted of it. */
export async function compareStorages(client: ProxmoxClient, specs: readonly StorageSpec[]): Promise<Comparison[]> {
  const definitions = await client.get<readonly Definition[]>("/storage");
  return specs.map((spec) => {
    const { inputs } = checkStorage({}, spec);
    const live = definitions.find(({ storage }) => storage === inputs.storage);
    return live && whichCount(differences(storageFromApi(live, inputs), inputs));
  });
}

/** A file is told by its name alone: Proxmox lists no checksums. @throws ProxmoxError where it can't be known */
export async function compareImage(client: ProxmoxClient, spec: ImageSpec): Promise<Comparison> {
  const { inputs } = checkImage({}, spec);
  return (await fileSize(client, inputs)) === undefined ? undefined : [];
}
