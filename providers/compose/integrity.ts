/**
 * Whether a stack is what its deployment left there, beside the files and variables of the house: the labels of its services,
 * what Compose is told by, and that Compose can read it all. In words that hold no value. Pure.
 */
import type { ComposeStackInputs } from "./args";
import { sha256 } from "./digest";
import type { SeenStack } from "./look";
import { composeVariables, isRelease, labelsFile, LABELS_FILE } from "./release";

export const WHOLE = "whole";

function labelsProblem({ labels }: SeenStack, like: ComposeStackInputs): string[] {
  const text = labelsFile(like);
  if (text === undefined || labels === sha256(text)) return [];
  return [`${LABELS_FILE} ${labels === undefined ? "is gone" : "was edited"}`];
}

/** What was set up by hand has none of it, and is whole all the same. */
export function integrityOf(seen: SeenStack, like: ComposeStackInputs): string {
  if (seen.current === undefined || !isRelease(seen.current)) return WHOLE;
  const { env = {} } = seen;
  const told = Object.entries(composeVariables(like)).flatMap(([name, value]) =>
    env[name] === value ? [] : [`${name} ${env[name] === undefined ? "is gone" : "was edited"}`],
  );
  const found = [
    ...labelsProblem(seen, like),
    ...told,
    ...(seen.readable ? [] : ["Compose can't read its files any more"]),
  ];
  return found.length === 0 ? WHOLE : found.join(", ");
}
