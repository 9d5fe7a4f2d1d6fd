/** The Compose stacks of the house on their VMs, in the order of one run. Wiring only. */
import * as pulumi from "@pulumi/pulumi";
import { knownGuests, type KnownGuest } from "../house/guests";
import type { House } from "../house/schema";
import type { Environment } from "../house/stacks/environment";
import type { OrderedStack } from "../house/stacks/order";
import type { PlannedStack } from "../house/stacks/planned";
import { ComposeStack } from "../providers/compose/resource";
import { Directory, File, NetworkGuard, Packages, SystemdUnit } from "../providers/guest/resources";
import type { GuestSystem } from "./guestSystem";
import {
  folderArgs,
  GUARD_PACKAGES,
  guardArgs,
  rejoinArgs,
  returnArgs,
  stackArgs,
  type ScriptedUnit,
} from "./stackArgs";
import type { VirtualMachine } from "./virtualMachine";

const secretly = (environment: Environment): Record<string, pulumi.Input<string>> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, { value, secret }]) => [name, secret ? pulumi.secret(value) : value]),
  );

/** This run is through with it: done, failed, or left out. The graph knows nothing of who waits for that. */
const through = ({ urn }: pulumi.Resource): Promise<void> =>
  new Promise((done) => {
    urn.apply(() => {
      done();
    });
  });

interface Surroundings {
  readonly system: GuestSystem;
  readonly needs: readonly ComposeStack[];
  readonly after: readonly ComposeStack[];
}

/** @param before what comes before both. */
function declareScripted(
  name: string,
  { script, unit }: ScriptedUnit,
  { system, before }: { readonly system: GuestSystem; readonly before: readonly pulumi.Resource[] },
): void {
  const { connection: host } = system;
  const file = new File(name, { host, ...script }, { parent: system, dependsOn: [...before] });
  new SystemdUnit(name, { host, ...unit }, { parent: system, dependsOn: file });
}

function declareStack(planned: PlannedStack, guest: KnownGuest, { system, needs, after }: Surroundings): ComposeStack {
  const name = `${planned.vm}-${planned.stack.name}`;
  const { connection: host, ready } = system;
  const turn = Promise.all(after.map(through));
  const inTurn = (resources: readonly pulumi.Resource[]) => ({
    parent: system,
    dependsOn: turn.then(() => [...resources]),
  });
  const folders = folderArgs(planned).map(
    (args) => new Directory(`${name}${args.path}`, { host, ...args }, inTurn(ready)),
  );
  const held = guardArgs(planned);
  const tools =
    held && new Packages(`${name}-guard`, { host, set: `${held.name}-guard`, names: GUARD_PACKAGES }, inTurn(ready));
  const guard = held && tools && new NetworkGuard(name, { host, ...held }, inTurn([tools]));
  const args = { host, ...stackArgs(planned, guest), env: secretly(planned.deployment.environment) };
  const stack = new ComposeStack(name, args, inTurn([...ready, ...folders, ...(guard ? [guard] : []), ...needs]));
  const again = rejoinArgs(planned);
  // After it: what was there before and leaks is the deployment's to put right, and not to be stopped before that.
  if (again) declareScripted(`${name}-rejoin`, again, { system, before: [stack] });
  return stack;
}

/** @param stacks in an order in which each comes after those that it waits for. */
export function declareStacks(
  house: House,
  stacks: readonly OrderedStack[],
  machines: Readonly<Record<string, VirtualMachine>>,
): void {
  const guests = knownGuests(house);
  for (const [name, args] of Object.entries(returnArgs(house, stacks))) {
    const system = machines[name]?.system;
    // Before the stacks, and whatever becomes of them.
    if (system !== undefined) declareScripted(`${name}-nas`, args, { system, before: system.ready });
  }
  const declared: { readonly planned: PlannedStack; readonly stack: ComposeStack }[] = [];
  for (const planned of stacks) {
    const [guest, system] = [guests[planned.vm], machines[planned.vm]?.system];
    if (guest === undefined || system === undefined) continue;
    const of = (others: readonly PlannedStack[]): ComposeStack[] =>
      declared
        .filter(({ planned: { vm, stack } }) => others.some((other) => other.vm === vm && other.stack === stack))
        .map(({ stack }) => stack);
    const surroundings = { system, needs: of(planned.needs), after: of(planned.after) };
    declared.push({ planned, stack: declareStack(planned, guest, surroundings) });
  }
}
