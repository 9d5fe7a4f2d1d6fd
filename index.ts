/**
 * The program: reads the house of this stack, declares one graph from it, and exports what people look up.
 * Reads the stack files beside Pulumi.yaml; nothing else.
 */
import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { storageSummary } from "./components/summary";
import { Storages } from "./components/storages";
import { storageArgs } from "./components/storageArgs";
import { VirtualMachine } from "./components/virtualMachine";
import { endpoint } from "./house/addresses";
import { extendedSections } from "./house/extends";
import { parseHouse, warnings } from "./house/house";
import { sectionsFromConfig } from "./house/load";
import { declarable, unknowns } from "./house/unknowns";
import { formatProblem } from "./values/problem";

const read = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : undefined);
const result = parseHouse(extendedSections(sectionsFromConfig(pulumi.runtime.allConfig()), read));
if ("problems" in result) {
  const error = new pulumi.RunError(`the house has problems:\n${result.problems.map(formatProblem).join("\n")}`);
  error.stack = error.message; // see engine/program.cjs
  throw error;
}
const { house } = result;
for (const warning of warnings(house)) void pulumi.log.warn(warning);

const pools = new Storages(house.hypervisor.node, { house });
const machines = Object.entries(declarable(house)).map(([name, vm]) => {
  const dependsOn = pools.usedBy(vm);
  return [name, new VirtualMachine(name, { house, vm }, { dependsOn })] as const;
});

export const hypervisor = { node: house.hypervisor.node, endpoint: endpoint(house) };
export const storages = Object.fromEntries(
  Object.entries(house.storages ?? {}).map(([id, storage]) => [id, storageSummary(storageArgs(house, id, storage))]),
);
export const vms = Object.fromEntries(machines.map(([name, machine]) => [name, machine.summary]));
export const notKnown = unknowns(house).map(({ path, missing }) => `${path}: ${missing}`);
