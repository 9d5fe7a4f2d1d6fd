/** Whether the storages and bridges that the house names are there and can be used. Asks with GET only. */
import type { House } from "../../house/schema";
import { declarable, type KnownVm } from "../../house/unknowns";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import { about, inParts, messageOf, type Finding } from "./report";

const say = about("Proxmox");

interface NodeStorage {
  readonly storage: string;
  /** `images,rootdir` */
  readonly content: string;
  readonly active?: number;
  readonly enabled?: number;
}

export async function checkPlaces(house: House, client: ProxmoxClient): Promise<Finding[]> {
  const node = `/nodes/${house.hypervisor.node}`;
  const found = await Promise.all([
    client.get<NodeStorage[]>(`${node}/storage`).then((there) => storageFindings(house, there), failed("storages")),
    client
      .get<{ iface: string }[]>(`${node}/network`, { type: "any_bridge" })
      .then((there) => bridgeFindings(house, there), failed("bridges")),
  ]);
  return found.flat();
}

const failed =
  (what: string) =>
  (error: unknown): Finding[] => {
    const { detail, fix } = inParts(messageOf(error), "try again");
    return [say.wrong(what, detail, fix)];
  };

/** By storage: the fields that put images of VMs on it. */
function imagesOn(house: House): Map<string, string[]> {
  const uses = Object.entries(declarable(house)).flatMap(([name, { disks, cloudInit }]) => [
    ...Object.entries(disks).flatMap(([slot, disk]) =>
      disk.physical === true ? [] : [[disk.storage, `vms.${name}.disks.${slot}`] as const],
    ),
    ...(cloudInit ? [[cloudInit.storage, `vms.${name}.cloudInit`] as const] : []),
  ]);
  return gathered(uses);
}

function gathered(uses: readonly (readonly [key: string, field: string])[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const [key, field] of uses) fields.set(key, [...(fields.get(key) ?? []), field]);
  return fields;
}

function storageFindings(house: House, there: readonly NodeStorage[]): Finding[] {
  const used = imagesOn(house);
  const ids = [...new Set([...Object.keys(house.storages ?? {}), ...used.keys()])].sort();
  return ids.map((id) =>
    storageFinding(
      house,
      id,
      used.get(id) ?? [],
      there.find(({ storage }) => storage === id),
    ),
  );
}

function storageFinding(house: House, id: string, fields: readonly string[], found: NodeStorage | undefined): Finding {
  const what = `storage ${id}`;
  const declared = house.storages?.[id];
  const users =
    fields.length === 0 ? "" : `, for ${fields[0]}${fields.length > 1 ? ` and ${fields.length - 1} more` : ""}`;
  if (!found) {
    if (declared) return say.note(what, `is not there, or not on this node${users}: the next up defines it`);
    return say.wrong(what, `is not there${users}`, "define it in Proxmox, or in the house's section storages");
  }
  if (found.enabled === 0) {
    if (declared?.enabled === false && fields.length === 0) return say.fine(what, "is off, as the house says");
    return say.wrong(
      what,
      `is turned off${users}`,
      `storages.${id}.enabled: true, or in Proxmox: pvesm set ${id} --disable 0`,
    );
  }
  if (found.active === 0)
    return say.wrong(
      what,
      `is not active: its server or disk doesn't answer${users}`,
      `on the node: pvesm status --storage ${id}`,
    );
  const holds = found.content.split(",").sort();
  if (fields.length > 0 && !holds.includes("images") && declared?.content?.includes("images") !== true)
    return say.wrong(what, `holds ${holds.join(", ")} and no images${users}`, `add images: storages.${id}.content`);
  return say.fine(what, `active, holds ${holds.join(", ")}`);
}

const bridgesOf = (name: string, { nics }: KnownVm) =>
  Object.entries(nics).map(([slot, { bridge }]) => [bridge, `vms.${name}.nics.${slot}`] as const);

function bridgeFindings(house: House, there: readonly { readonly iface: string }[]): Finding[] {
  const used = gathered(Object.entries(declarable(house)).flatMap(([name, vm]) => bridgesOf(name, vm)));
  const known = there.map(({ iface }) => iface);
  return [...used]
    .sort()
    .map(([bridge, fields]) =>
      known.includes(bridge)
        ? say.fine(`bridge ${bridge}`, `for ${fields.length} NIC${fields.length === 1 ? "" : "s"}`)
        : say.wrong(
            `bridge ${bridge}`,
            `is not there, or may not be seen (SDN.Use), for ${fields.join(", ")}`,
            `make it on the node, or name one of: ${known.join(", ") || "none is to be seen"}`,
          ),
    );
}
