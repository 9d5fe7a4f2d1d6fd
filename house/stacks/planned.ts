/** Which stacks of a house are deployed, in which order, and which can't be yet. Pure. */
import { formatProblem, type Problem } from "../../values/problem";
import { knownGuests } from "../guests";
import type { House } from "../schema";
import { deploymentOf, type Deployment } from "./deployment";
import type { StackValues } from "./environment";
import { inOrder, type OrderedStack } from "./order";
import type { Placed } from "./placed";
import { removalOf, type Removal } from "./removal";
import type { Stack } from "./stack";
import { webUrl } from "./words";

export interface PlannedStack {
  readonly vm: string;
  readonly stack: Stack;
  readonly deployment: Deployment;
  /** What becomes of it when it is taken out of the house. */
  readonly removal: Removal;
}

export interface Plan {
  /** Each after those that the run is through with before it. */
  readonly stacks: readonly OrderedStack[];
  /** Stacks that are left out until the values that they take are given. */
  readonly leftOut: readonly LeftOut[];
  /** Those values. */
  readonly lacking: readonly Problem[];
}

export interface LeftOut {
  readonly vm: string;
  readonly stack: Stack;
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
    "deployment" in result
      ? [{ vm, stack, deployment: result.deployment, removal: removalOf(house, vm, stack.name) }]
      : [],
  );
  const leftOut = all.flatMap(({ vm, stack, result }) =>
    "problems" in result ? [{ vm, stack, lacking: result.problems }] : [],
  );
  return { stacks: inOrder(stacks), leftOut, lacking: leftOut.flatMap(({ lacking }) => lacking) };
}

/** Critical stacks that no run deploys, one text each: a house that thinks it has one must not have to look for it. */
export const leftOutWarnings = ({ leftOut }: Plan): string[] =>
  leftOut
    .filter(({ stack }) => stack.priority === "critical")
    .map(({ vm, stack, lacking }) =>
      [
        `${stack.name} on ${vm} is critical, and left out: this run deploys nothing of it`,
        ...lacking.map(formatProblem),
      ].join("\n  "),
    );

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
