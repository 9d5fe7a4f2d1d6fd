/**
 * What of the house is inside its VMs, part by part and as plain data: for looking at it without the engine. The same names
 * and arguments as components/guestSystem.ts and components/stacks.ts declare. Pure.
 */
import { knownGuests, type KnownGuest } from "../house/guests";
import type { House } from "../house/schema";
import type { PlannedStack } from "../house/stacks/planned";
import { declarable } from "../house/unknowns";
import { dockerSourceArgs, guestArgs, loginsArgs, mountArgs, packagesArgs, usersArgs } from "./guestArgs";
import {
  folderArgs,
  GUARD_PACKAGES,
  guardArgs,
  rejoinArgs,
  returnArgs,
  stackArgs,
  type ScriptedUnit,
} from "./stackArgs";

/** As the engine's types end. */
export type GuestKind =
  | "Guest"
  | "AptSource"
  | "Packages"
  | "User"
  | "Logins"
  | "SshServer"
  | "UnattendedUpgrades"
  | "DockerEngine"
  | "NfsMount"
  | "NetworkGuard"
  | "Directory"
  | "File"
  | "SystemdUnit"
  | "ComposeStack";

export interface GuestPart {
  readonly kind: GuestKind;
  /** Of the resource, in the program. */
  readonly name: string;
  /** Short name of the VM. */
  readonly guest: string;
  /** What the program asks, but for the guest that it is on. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Parts that come before it. */
  readonly needs: readonly GuestPart[];
}

function systemParts(house: House, name: string, guest: KnownGuest) {
  const part = (kind: GuestKind, own: string, inputs: object, needs: readonly GuestPart[]): GuestPart => ({
    ...{ kind, name: own, guest: name, needs },
    inputs: { ...inputs },
  });
  const optional = (kind: GuestKind, own: string, inputs: object | undefined, needs: readonly GuestPart[]) =>
    inputs === undefined ? [] : [part(kind, own, inputs, needs)];
  const reached = part("Guest", name, guestArgs(name, guest), []);
  const source = optional("AptSource", `${name}-docker`, dockerSourceArgs(guest), [reached]);
  const packages = optional("Packages", name, packagesArgs(guest), [reached, ...source]);
  const installed = [reached, ...source, ...packages];
  const users = Object.entries(usersArgs(guest)).map(([login, inputs]) =>
    part("User", `${name}-${login}`, inputs, installed),
  );
  const { packages: _, key: _key, ...engine } = guest.docker ?? {};
  const ready = [
    ...optional("DockerEngine", name, guest.docker && engine, installed),
    ...optional("NfsMount", `${name}-nas`, mountArgs(house, guest), installed),
  ];
  const parts = [
    ...[...installed, ...users, ...ready],
    ...optional("Logins", name, loginsArgs(house, name, guest), [reached, ...users]),
    ...optional("SshServer", name, guest.sshServer, [reached, ...users]),
    ...optional("UnattendedUpgrades", name, guest.upgrades, installed),
  ];
  return { parts, ready: [reached, ...ready] };
}

function guardParts(
  guest: string,
  stack: string,
  held: NonNullable<ReturnType<typeof guardArgs>>,
  before: readonly GuestPart[],
): GuestPart[] {
  const name = `${stack}-guard`;
  const set = { set: `${held.name}-guard`, names: GUARD_PACKAGES };
  const tools: GuestPart = { kind: "Packages", name, guest, inputs: set, needs: before };
  return [tools, { kind: "NetworkGuard", name: stack, guest, inputs: { ...held }, needs: [...before, tools] }];
}

/** A script and its unit, under one name. */
function scriptedParts(name: string, guest: string, args: ScriptedUnit, before: readonly GuestPart[]): GuestPart[] {
  const own = { name, guest };
  const file: GuestPart = { ...own, kind: "File", inputs: { ...args.script }, needs: before };
  return [file, { ...own, kind: "SystemdUnit", inputs: { ...args.unit }, needs: [file] }];
}

function stackParts(planned: PlannedStack, guest: KnownGuest, before: readonly GuestPart[]): GuestPart[] {
  const name = `${planned.vm}-${planned.stack.name}`;
  const folders = folderArgs(planned).map((inputs): GuestPart => {
    const own = { kind: "Directory", name: `${name}${inputs.path}`, guest: planned.vm } as const;
    return { ...own, inputs: { ...inputs }, needs: before };
  });
  const held = guardArgs(planned);
  const guard = held === undefined ? [] : guardParts(planned.vm, name, held, before);
  const values = Object.entries(planned.deployment.environment).map(([key, { value }]) => [key, value] as const);
  const inputs = { ...stackArgs(planned, guest), env: Object.fromEntries(values) };
  const own = [...folders, ...guard];
  const stack: GuestPart = { kind: "ComposeStack", name, guest: planned.vm, inputs, needs: [...before, ...own] };
  const again = rejoinArgs(planned);
  return [...own, stack, ...(again === undefined ? [] : scriptedParts(`${name}-rejoin`, planned.vm, again, [stack]))];
}

/** @param stacks in an order in which each comes after those that it needs; their secrets are among the parts' inputs. */
export function guestParts(house: House, stacks: readonly PlannedStack[]): GuestPart[] {
  const guests = knownGuests(house);
  const vms = declarable(house);
  const systems = new Map(
    Object.entries(guests)
      .filter(([name]) => name in vms)
      .map(([name, guest]) => [name, systemParts(house, name, guest)] as const),
  );
  const returns = Object.entries(returnArgs(house, stacks)).flatMap(([name, args]) => {
    const system = systems.get(name);
    return system === undefined ? [] : scriptedParts(`${name}-nas`, name, args, system.ready);
  });
  const parts = [...[...systems.values()].flatMap((system) => system.parts), ...returns];
  const deployed: (readonly [string, GuestPart])[] = [];
  for (const planned of stacks) {
    const [guest, system] = [guests[planned.vm], systems.get(planned.vm)];
    if (guest === undefined || system === undefined) continue;
    const needs = deployed.filter(([name]) => planned.stack.needs.includes(name)).map(([, part]) => part);
    const own = stackParts(planned, guest, [...system.ready, ...needs]);
    parts.push(...own);
    for (const part of own) if (part.kind === "ComposeStack") deployed.push([planned.stack.name, part]);
  }
  return parts;
}
