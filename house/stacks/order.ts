/**
 * The order of one run: what matters more comes before what matters less, and what a stack needs before the stack. It is
 * no part of the graph (docs/decisions/0006-the-order-of-a-run.md). Pure.
 */
import type { PlannedStack } from "./planned";

export interface OrderedStack extends PlannedStack {
  /** Without these it is left as it is: a stack that needs more than there is does no better for being new. */
  readonly needs: readonly PlannedStack[];
  /** The run is through with these before it begins with this one, whatever became of them. */
  readonly after: readonly PlannedStack[];
}

const RANKS: Readonly<Record<PlannedStack["stack"]["priority"], number>> = { critical: 0, important: 1, none: 2 };

const rank = ({ stack }: PlannedStack): number => RANKS[stack.priority];

/**
 * What matters less than the one that needs it can't hold it up: it comes after it, with its like.
 * @param stacks whose needs don't go in a circle: the house's checks see to that.
 */
export function inOrder(stacks: readonly PlannedStack[]): OrderedStack[] {
  const needsOf = (planned: PlannedStack): PlannedStack[] =>
    stacks.filter((other) => planned.stack.needs.includes(other.stack.name) && rank(other) <= rank(planned));
  const found: OrderedStack[] = [];
  const take = (planned: PlannedStack): void => {
    if (found.some(({ vm, stack }) => vm === planned.vm && stack === planned.stack)) return;
    const needs = needsOf(planned);
    needs.forEach(take);
    const after = stacks.filter((other) => rank(other) < rank(planned));
    found.push({ ...planned, needs, after });
  };
  [...stacks].sort((a, b) => rank(a) - rank(b)).forEach(take);
  return found;
}
