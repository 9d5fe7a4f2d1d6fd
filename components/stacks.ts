/** The Compose stacks of the house on their VMs, each after what it needs. Wiring only. */
import * as pulumi from "@pulumi/pulumi";
import { knownGuests, type KnownGuest } from "../house/guests";
import type { House } from "../house/schema";
import type { Environment } from "../house/stacks/environment";
import type { PlannedStack } from "../house/stacks/planned";
import { ComposeStack } from "../providers/compose/resource";
import { Directory, NetworkGuard, Packages } from "../providers/guest/resources";
import type { GuestSystem } from "./guestSystem";
import { folderArgs, GUARD_PACKAGES, guardArgs, stackArgs } from "./stackArgs";
import type { VirtualMachine } from "./virtualMachine";

const secretly = (environment: Environment): Record<string, pulumi.Input<string>> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, { value, secret }]) => [name, secret ? pulumi.secret(value) : value]),
  );

function declareStack(
  planned: PlannedStack,
  guest: KnownGuest,
  { system, needs }: { readonly system: GuestSystem; readonly needs: readonly ComposeStack[] },
): ComposeStack {
  const name = `${planned.vm}-${planned.stack.name}`;
  const { connection: host, ready } = system;
  const options = { parent: system, dependsOn: [...ready] };
  const folders = folderArgs(planned).map((args) => new Directory(`${name}${args.path}`, { host, ...args }, options));
  const held = guardArgs(planned);
  const tools =
    held && new Packages(`${name}-guard`, { host, set: `${held.name}-guard`, names: GUARD_PACKAGES }, options);
  const guard = held && new NetworkGuard(name, { host, ...held }, { parent: system, dependsOn: tools });
  const args = { host, ...stackArgs(planned, guest), env: secretly(planned.deployment.environment) };
  return new ComposeStack(name, args, {
    parent: system,
    dependsOn: [...ready, ...folders, ...(guard ? [guard] : []), ...needs],
  });
}

/** @param stacks in an order in which each comes after those that it needs. */
export function declareStacks(
  house: House,
  stacks: readonly PlannedStack[],
  machines: Readonly<Record<string, VirtualMachine>>,
): void {
  const guests = knownGuests(house);
  const declared: [string, ComposeStack][] = [];
  for (const planned of stacks) {
    const [guest, system] = [guests[planned.vm], machines[planned.vm]?.system];
    if (guest === undefined || system === undefined) continue;
    const needs = declared.filter(([name]) => planned.stack.needs.includes(name)).map(([, stack]) => stack);
    declared.push([planned.stack.name, declareStack(planned, guest, { system, needs })]);
  }
}
