/** What becomes of a stack that is taken out of the house, and which ones a run would take away unasked. Pure. */
import { formatProblem, type Problem } from "../../values/problem";
import type { House } from "../schema";
import type { StackUse } from "../sections/services";
import { declarable } from "../unknowns";
import type { LeftOut, Plan } from "./planned";

/** What the house says of a stack's end; nothing: it is forgotten and runs on. */
export type Removal = Pick<StackUse, "deletable" | "deleteVolumes">;

/** @param name of a stack of that VM: each stands there once. */
export function removalOf({ vms }: House, vm: string, name: string): Removal {
  const { deletable, deleteVolumes } = vms[vm]?.services.find(({ stack }) => stack === name) ?? {};
  return { ...(deletable && { deletable }), ...(deleteVolumes && { deleteVolumes }) };
}

/** `misc/portainer`: stacks that may go, as an `up` remembers them in its outputs. */
export const mayGo = ({ stacks }: Pick<Plan, "stacks">): string[] =>
  stacks.filter(({ removal }) => removal.deletable === true).map(({ vm, stack }) => `${vm}/${stack.name}`);

/** @param outputs of the last `up`. */
export const mightGo = ({ deletable }: Readonly<Record<string, unknown>>): string[] =>
  Array.isArray(deletable) ? deletable.filter((one) => typeof one === "string") : [];

/**
 * Deletable stacks that stand in the house and that no run deploys: to the engine they are gone from it, and it would take
 * their containers away.
 * @param remembered those that the last `up` let go: what the engine goes by, whatever the house says by now.
 */
export function unaskedRemovals(
  house: House,
  { stacks, leftOut }: Pick<Plan, "stacks" | "leftOut">,
  remembered: readonly string[] = [],
): Problem[] {
  const known = declarable(house);
  return Object.entries(house.vms).flatMap(([vm, { services }]) =>
    services.flatMap(({ stack: name, deletable }, index) => {
      const isIt = (one: Pick<LeftOut, "vm" | "stack">): boolean => one.vm === vm && one.stack.name === name;
      if (deletable !== true && !remembered.includes(`${vm}/${name}`)) return [];
      if (vm in known && stacks.some(isIt)) return [];
      const lacking = leftOut.find(isIt)?.lacking.map(formatProblem);
      return [
        {
          path: `vms.${vm}.services.${index}`,
          value: name,
          rule: "is deletable, and this run would not deploy it: that would take it away where it runs",
          fix:
            `see to what it lacks (${lacking?.join("; ") ?? `of ${vm}: its figures, guest, docker`}); or take the line out, where ` +
            "it is to go. The word deletable is remembered from the last up: to take it back, deploy the stack without it",
        },
      ];
    }),
  );
}
