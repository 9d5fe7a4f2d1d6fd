/** Which stacks of a house are deployed, in which order, and which can't be yet. Pure. */
import type { Problem } from "../../values/problem";
import { knownGuests } from "../guests";
import type { House } from "../schema";
import { deploymentOf, type Deployment } from "./deployment";
import type { StackValues } from "./environment";
import { inOrder, type OrderedStack } from "./order";
import type { Placed } from "./placed";
import type { Stack } from "./stack";
import { webUrl } from "./words";

export interface PlannedStack {
  readonly vm: string;
  readonly stack: Stack;
  readonly deployment: Deployment;
}

export interface Plan {
  /** Each after those that the run is through with before it. */
  readonly stacks: readonly OrderedStack[];
  /** Values that are missing: the stacks that take them are left out until they are given. */
  readonly lacking: readonly Problem[];
}

/** Stacks are deployed on VMs that the house looks into and has Docker on. @param secrets in clear. */
export function plannedStacks(house: House, placed: Placed, secrets: StackValues): Plan {
  const guests = knownGuests(house);
  const all = Object.entries(placed).flatMap(([vm, stacks]) =>
    guests[vm]?.docker === undefined
      ? []
      : stacks.map((stack) => ({ vm, stack, result: deploymentOf({ house, vm, stack }, placed, secrets) })),
  );
  const stacks = all.flatMap(({ vm, stack, result }) =>
    "deployment" in result ? [{ vm, stack, deployment: result.deployment }] : [],
  );
  return {
    stacks: inOrder(stacks),
    lacking: all.flatMap(({ result }) => ("problems" in result ? result.problems : [])),
  };
}

/** Where browsers find what the stacks offer: by VM, stack and web interface. */
export function serviceUrls(
  house: House,
  stacks: readonly PlannedStack[],
): Record<string, Record<string, Record<string, string>>> {
  const urls: Record<string, Record<string, Record<string, string>>> = {};
  for (const { vm, stack } of stacks) {
    const found = Object.keys(stack.web).flatMap((web) => {
      const url = webUrl({ house, vm, stack }, web);
      return url === undefined ? [] : [[web, url] as const];
    });
    if (found.length > 0) (urls[vm] ??= {})[stack.name] = Object.fromEntries(found);
  }
  return urls;
}
