/**
 * The program: reads the house of this stack, declares one graph from it, and exports what people look up.
 * Reads the stack files beside Pulumi.yaml and the folders in stacks/; nothing else.
 */
import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { clouds } from "./components/clouds";
import { Images } from "./components/images";
import { declareMachines } from "./components/machines";
import { recordedOutputs } from "./components/recordedOutputs";
import { stackFolders } from "./components/stackFolders";
import { declareStacks } from "./components/stacks";
import { Storages } from "./components/storages";
import { endpoint, tunnelName } from "./house/addresses";
import { extendedSections } from "./house/extends";
import { parseHouse, warnings } from "./house/house";
import { sectionsFromConfig } from "./house/load";
import { placeOf, renumbered } from "./house/renumbered";
import { stackSecrets } from "./house/stacks/environment";
import { leftOutWarnings, plannedStacks, serviceUrls } from "./house/stacks/planned";
import { mayGo, mightGo, unaskedRemovals } from "./house/stacks/removal";
import { stackWarnings } from "./house/stacks/together";
import { credentialProblems } from "./house/tunnel";
import { unknowns } from "./house/unknowns";
import { adoptionFrom } from "./providers/adoption";
import { formatProblem, type Problem } from "./values/problem";

function refuse(problems: readonly Problem[]): never {
  throw new pulumi.RunError(`the house has problems:\n${problems.map(formatProblem).join("\n")}`);
}

const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : undefined);
const config = pulumi.runtime.allConfig();
const described = extendedSections(sectionsFromConfig(config), read);
const result = parseHouse({ ...described, folders: stackFolders("stacks") });
if ("problems" in result) refuse(result.problems);
const { house, stacks } = result;
const lacking = credentialProblems(house, new Set(Object.keys(config)), process.env);
if (lacking.length > 0) refuse(lacking);
const plan = plannedStacks(house, stacks, stackSecrets(described.sections));
const unasked = unaskedRemovals(house, plan);
if (unasked.length > 0) refuse(unasked);
for (const warning of [...warnings(house), ...stackWarnings(house, stacks), ...leftOutWarnings(plan)])
  void pulumi.log.warn(warning);
void recordedOutputs().then(async (recorded) => {
  const taken = unaskedRemovals(house, plan, mightGo(recorded));
  // Nothing is taken away before the program has ended well.
  if (taken.length > 0) refuse(taken);
  const steps = renumbered(recorded, house);
  if (steps.length > 0) await pulumi.log.warn(steps.join("\n"));
});

const pools = new Storages(house.hypervisor.node, { house });
const images = house.images && new Images("images", { house, storages: pools });
// What is taken over needs nothing any more that it began with, and waits for none of it.
const begins = adoptionFrom(process.env) === undefined;
const byName = declareMachines(house, { storages: pools, images: begins ? images : undefined, copies: begins });
const machines = Object.entries(byName);
declareStacks(house, plan.stacks, byName);

const outside = clouds(house);

/** By VM: properties that wait for its next boot. */
const pending = pulumi
  .all(Object.fromEntries(machines.map(([name, { vm }]) => [name, vm.pending])))
  .apply((all: Readonly<Record<string, readonly string[] | undefined>>) =>
    // Of a VM that this run was told to leave alone (--target) the engine knows none.
    Object.fromEntries(Object.entries(all).filter(([, properties = []]) => properties.length > 0)),
  );

/** By VM that is asked for them: the addresses that its guest agent told, by NIC. */
const agents = machines.filter(([name]) => house.vms[name]?.agentAddresses === true);

// What a house has not got is no output: the engine warns of an undefined one.
export = {
  hypervisor: { node: house.hypervisor.node, endpoint: endpoint(house) },
  ...placeOf(house),
  addresses: Object.fromEntries(machines.map(([name, { address }]) => [name, address])),
  pending,
  ...(agents.length > 0 && {
    agentAddresses: Object.fromEntries(agents.map(([name, { vm }]) => [name, vm.addresses])),
  }),
  ...(outside.server && { tunnel: { name: tunnelName(house), address: outside.server.address } }),
  ...(outside.names && { names: outside.names.addresses }),
  ...(mayGo(plan).length > 0 && { deletable: mayGo(plan) }),
  ...(plan.stacks.length > 0 && { services: serviceUrls(house, plan.stacks) }),
  notKnown: [
    ...unknowns(house).map(({ path, missing }) => `${path}: ${missing}`),
    ...plan.lacking.map(({ path, rule }) => `${path}: ${rule}`),
  ],
};
