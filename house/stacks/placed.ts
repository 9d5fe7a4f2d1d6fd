/** Which stacks run on which VM of a house, read from their folders, and what is wrong with the choice. Pure. */
import { distance } from "fastest-levenshtein";
import type { Problem } from "../../values/problem";
import type { Draft } from "../schema";
import type { StackUse } from "../sections/services";
import { composeFile, variantsOf, type StackFolders } from "./folder";
import { parseStack } from "./parse";
import type { Stack } from "./stack";

/** Stacks by VM, in the order of its services. */
export type Placed = Readonly<Record<string, readonly Stack[]>>;

export interface Placement {
  readonly stacks: Placed;
  readonly problems: readonly Problem[];
}

/** Of a word that isn't known, what a person may have meant. */
function meant(word: string, known: readonly string[]): string {
  const [best] = [...known].sort((a, b) => distance(word, a) - distance(word, b));
  const near = best !== undefined && distance(word, best) <= Math.max(2, word.length / 2);
  return near ? `did you mean ${best}?` : `it has ${known.length === 0 ? "none" : known.join(", ")}`;
}

type Found =
  { readonly stack: Stack } | { readonly unknown: Omit<Problem, "path"> } | { readonly problems: readonly Problem[] };

function find({ stack: name, variant }: StackUse, folders: StackFolders): Found {
  const folder = folders.read(name);
  if (!folder) {
    const fix = `add stacks/${name}/, or correct the name: ${meant(name, folders.names)}`;
    return { unknown: { value: name, rule: "is no folder of stacks/", fix } };
  }
  if (variant !== undefined && folder.files[composeFile(variant)] === undefined) {
    const fix = `add stacks/${name}/${composeFile(variant)}, or correct it: ${meant(variant, variantsOf(folder))}`;
    return { unknown: { value: variant, rule: `is no variant of ${name}`, fix } };
  }
  return parseStack(folder, variant, folders.spec());
}

const key = ({ stack, variant }: StackUse): string => `${stack}: ${variant ?? ""}`;

export function placeStacks({ vms = {} }: Draft, folders: StackFolders): Placement {
  const uses = Object.values(vms).flatMap(({ services }) => services);
  // A stack of several VMs is read once, and what is wrong with it is said once.
  const distinct = new Map(uses.map((use) => [key(use), use]));
  const found = new Map([...distinct].map(([id, use]) => [id, find(use, folders)]));
  const stacks = Object.entries(vms).map(([vm, { services }]) => {
    const placed = services.flatMap((use) => {
      const one = found.get(key(use));
      return one && "stack" in one ? [one.stack] : [];
    });
    return [vm, placed] as const;
  });
  const unknown = Object.entries(vms).flatMap(([vm, { services }]) =>
    services.flatMap((use, index) => {
      const one = found.get(key(use));
      return one && "unknown" in one ? [{ path: `vms.${vm}.services.${index}`, ...one.unknown }] : [];
    }),
  );
  const broken = [...found.values()].flatMap((one) => ("problems" in one ? one.problems : []));
  return { stacks: Object.fromEntries(stacks), problems: [...unknown, ...broken] };
}
