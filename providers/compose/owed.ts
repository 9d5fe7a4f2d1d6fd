/**
 * Containers that are to be made anew as a file that they mount was edited in its place: it is put right by another file of
 * its name, and a container goes on with the one that it was made with. Noted on the guest before the file is put right, so
 * that a run that is killed in between leaves it to the next one. Pure.
 */
import type { Answer } from "../guest/bulk";
import type { ComposeStackInputs } from "./args";
import type { SeenStack } from "./look";

/** A link whose target is the note: one that is there or isn't, never half of one. */
export const owedLink = ({ directory }: Pick<ComposeStackInputs, "directory">): string => `${directory}/anew`;

/** Compose allows no comma in the name of a service. */
const SEPARATOR = ",";

export const owedNote = (services: readonly string[]): string => services.join(SEPARATOR);

export const owedServices = (answer: Answer | undefined): string[] =>
  answer?.exitCode === 0 ? answer.stdout.trim().split(SEPARATOR) : [];

/** Those that Compose would leave as they are: their label says what they were made with, and not what became of it. */
export function owedNow({ files, containers, owed }: SeenStack, stack: ComposeStackInputs): string[] {
  const edited = Object.entries(stack.services).filter(
    ([name, service]) =>
      (service.files ?? []).some((path) => files[path] !== stack.files[path]) &&
      containers.some((each) => each.service === name && each.content === service.content),
  );
  return [...new Set([...owed.filter((name) => name in stack.services), ...edited.map(([name]) => name)])].sort();
}
