/** Looks for drift: what a stack recorded, what its Proxmox, VMs and clouds have, and what the house wants. Changes nothing. */
import type { House } from "../../house/schema";
import type { CloudsLook } from "../../providers/clouds/look";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import type { GuestPart } from "../../components/guestParts";
import { INSIDE_KINDS } from "../guestKinds";
import type { GuestsLook } from "../guestsLook";
import { findings } from "./findings";
import { lookAtClouds, type CloudResource } from "./lookAtClouds";
import { lookAtGuests, type InsideResource } from "./lookAtGuests";
import { isProxmox, PROXMOX_KINDS, type ProxmoxKind, type ProxmoxResource } from "./proxmoxKinds";
import type { RecordedResource } from "./recorded";
import { uncheckedPart, type DriftReport, type Part } from "./report";

export interface Looked {
  readonly stack: string;
  readonly house: House;
  readonly client: ProxmoxClient;
  readonly clouds: CloudsLook;
  /** Of what is inside its VMs: how it is looked at, and what the house declares there. */
  readonly inside: { readonly look: GuestsLook; readonly parts: readonly GuestPart[] };
  readonly resources: readonly RecordedResource[];
  /** Resources of kinds that are not looked at. */
  readonly others: number;
}

const isInside = (resource: RecordedResource): resource is InsideResource => resource.kind in INSIDE_KINDS;
const isCloud = (resource: RecordedResource): resource is CloudResource => !isProxmox(resource) && !isInside(resource);

type Properties = Readonly<Record<string, unknown>>;

async function lookAt(looked: Looked, resource: ProxmoxResource): Promise<Part> {
  const { kind, name, project, id, inputs, outputs, secrets } = resource;
  const { house, stack, client } = looked;
  const { title: titleOf, read, wanted: wantedOf } = PROXMOX_KINDS[kind];
  const title = titleOf(name, id);
  try {
    const live = (await read(client, id, outputs)).inputs as Properties | undefined;
    const wanted = wantedOf({ house, stack, project, name }, live ?? {});
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
    const found = findings({
      recorded: inputs,
      live,
      wanted: wanted?.inputs as Properties | undefined,
      acknowledged,
      secrets,
    });
    return { title, state: found.length + notes.length > 0 ? "drift" : "clean", findings: found, notes };
  } catch (error) {
    return uncheckedPart(title, error);
  }
}

/** Parts of the house that no `up` has made or taken over. */
function newParts({ house, resources }: Looked): Part[] {
  const has = (kind: ProxmoxKind, name: string): boolean =>
    resources.some((resource) => resource.kind === kind && resource.name === name);
  return (Object.keys(PROXMOX_KINDS) as ProxmoxKind[]).flatMap((kind) => {
    const { title, inHouse } = PROXMOX_KINDS[kind];
    const fresh = inHouse(house).filter(([name]) => !has(kind, name));
    return fresh.map(([name, id]): Part => ({
      title: title(name, id),
      state: "new",
      findings: [],
      notes: ["not in the stack yet"],
    }));
  });
}

/** All parts side by side; one that can't be reached does not hide the rest. */
export async function lookForDrift(looked: Looked): Promise<DriftReport> {
  const { house, resources, clouds, inside } = looked;
  const [machines, within, outside] = await Promise.all([
    Promise.all(resources.filter(isProxmox).map((resource) => lookAt(looked, resource))),
    lookAtGuests({ house, ...inside, resources: resources.filter(isInside) }),
    lookAtClouds({ house, look: clouds, resources: resources.filter(isCloud) }),
  ]);
  const parts = [...machines, ...within.recorded, ...outside.recorded];
  const all = [...parts, ...newParts(looked), ...within.fresh, ...outside.fresh];
  return {
    stack: looked.stack,
    checked: parts.filter(({ state }) => state !== "unchecked").length,
    total: parts.length,
    // The state's order is that in which things were made.
    parts: all.sort((a, b) => a.title.localeCompare(b.title, "en", { numeric: true })),
    others: looked.others,
  };
}
