/** Whether the credential may do what the house asks for, field by field. Asks with GET only. */
import { neededPrivileges, type NeededPrivilege, type Use } from "../../house/privileges";
import type { House } from "../../house/schema";
import { declarable } from "../../house/unknowns";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import type { Connection } from "../../providers/proxmox/connection";
import { about, inParts, messageOf, type Finding } from "./report";

const say = about("Proxmox");

type Held = Readonly<Record<string, unknown>>;

interface Asked {
  readonly stack: string;
  readonly house: House;
}

export async function checkPrivileges(
  { stack, house }: Asked,
  client: ProxmoxClient,
  { rootTicket }: Pick<Connection, "rootTicket">,
): Promise<Finding[]> {
  if (rootTicket) return [say.fine("privileges", "root@pam's own login may everything")];
  const needed = neededPrivileges(house);
  try {
    const paths = [...new Set(needed.flatMap(({ uses }) => uses.map(({ path }) => path)))];
    const held = new Map(await Promise.all(paths.map(async (path) => [path, await heldAt(client, path)] as const)));
    const lacking = needed.flatMap((privilege) => lackingFinding(stack, privilege, held));
    const asked = needed.filter(({ uses }) => uses.length > 0).length;
    const all = say.fine("privileges", `all ${asked} that this house asks for`);
    return [...(lacking.length === 0 ? [all] : lacking), ...rootOnly(house)];
  } catch (error) {
    const { detail, fix } = inParts(messageOf(error), "try again");
    return [say.wrong("privileges", detail, fix)];
  }
}

const heldAt = async (client: ProxmoxClient, path: string): Promise<Held> =>
  (await client.get<Readonly<Record<string, Held>>>("/access/permissions", { path }))[path] ?? {};

/** Enough to see what it is about. */
const SHOWN = 3;

function lackingFinding(
  stack: string,
  { name, purpose, uses }: NeededPrivilege,
  held: ReadonlyMap<string, Held>,
): Finding[] {
  const lacking = uses.filter(({ path }) => held.get(path)?.[name] === undefined);
  if (lacking.length === 0) return [];
  const detail = `${purpose}: missing for ${fields(lacking)}`;
  return [say.wrong(name, detail, `npx infinity bootstrap --stack ${stack} brings the role to what the house needs`)];
}

function fields(uses: readonly Use[]): string {
  const shown = uses.slice(0, SHOWN).map(({ field, path }) => `${field} (at ${path})`);
  return uses.length > SHOWN ? `${shown.join(", ")} and ${uses.length - SHOWN} more` : shown.join(", ");
}

/** What no token may set (docs/root.md), by field; a device by its mapping is no such. */
function rootOnlyFields(house: House): string[] {
  return Object.entries(declarable(house)).flatMap(([name, vm]) => {
    const raw = (kind: "pci" | "usb"): string[] =>
      Object.entries(vm[kind] ?? {}).flatMap(([slot, device]) => ("device" in device ? [`${kind}.${slot}`] : []));
    const disks = Object.entries(vm.disks).flatMap(([slot, disk]) => (disk.physical === true ? [`disks.${slot}`] : []));
    const single = { args: vm.args, hookScript: vm.hookScript, "cpu.affinity": vm.cpu.affinity };
    const given = Object.entries(single).flatMap(([field, value]) => (value ? [field] : []));
    return [...disks, ...raw("pci"), ...raw("usb"), ...given].map((field) => `vms.${name}.${field}`);
  });
}

function rootOnly(house: House): Finding[] {
  const fields = rootOnlyFields(house);
  if (fields.length === 0 || house.hypervisor.ssh !== undefined) return [];
  const fix =
    "where it is not set yet: hypervisor.ssh, or hypervisor.user root@pam and its password instead of the token";
  return [say.note("what takes root", `${fields.join(", ")}: root@pam alone may set it`, fix)];
}
