/** Where the house's library is in a stack: which variable stands for it, and which parts of it are mounted. Pure. */
import type { Stack } from "./stack";

/** The library's place in every container, so that a path means the same in all of them. */
export const LIBRARY_IN_CONTAINERS = "/data";

/** The variable that the stack has its `[house library]` in; `undefined` where it doesn't use the library. */
export const libraryVariable = ({ variables }: Pick<Stack, "variables">): string | undefined =>
  variables.find(({ source }) => source.kind === "house" && source.word === "library")?.name;

/** The part of the library that a path names: `/media/music`, empty for all of it; `undefined` for any other path. */
export function libraryPart(path: string, variable: string): string | undefined {
  const [, name, part = ""] = /^\$\{(\w+)(?::\?)?\}(\/.*)?$/.exec(path) ?? [];
  return name === variable ? part.replace(/\/$/, "") : undefined;
}

/** Parts of the library that the stack mounts, each once: `/downloads`, `/media/music`. All of it is none. */
export function libraryParts(stack: Stack): string[] {
  const variable = libraryVariable(stack);
  if (variable === undefined) return [];
  const parts = Object.values(stack.services)
    .flatMap(({ mounts }) => mounts)
    .flatMap((mount) => (mount.kind === "path" ? (libraryPart(mount.source, variable) ?? []) : []));
  return [...new Set(parts)].filter((part) => part !== "");
}
