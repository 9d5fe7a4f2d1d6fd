/** What a stack writes doesn't lie below a mount that its VM only reads from: its containers would start, and fail. Pure. */
import type { Problem } from "../../values/problem";
import { guestOf } from "../guests";
import type { Draft } from "../schema";
import { given } from "./environment";
import { interpolate, variablesIn } from "./interpolation";
import type { Placed } from "./placed";
import type { Stack } from "./stack";
import { DEFAULT_MOUNT_POINT } from "./words";

/** Paths of the VM that a container writes to, with the variables that they are made of. */
function written(house: Draft, vm: string, stack: Stack): { readonly path: string; readonly by: readonly string[] }[] {
  const mountPoint = house.nas?.mountPoint ?? DEFAULT_MOUNT_POINT;
  const values = stack.variables.map(({ name, source, example }) => {
    const library = source.kind === "house" && source.word === "library";
    return [name, given(house.settings, { vm, stack }, name) ?? (library ? mountPoint : example)] as const;
  });
  return Object.values(stack.services)
    .flatMap(({ mounts }) => mounts)
    .flatMap((mount) => (mount.kind === "path" && !mount.readOnly ? [mount.source] : []))
    .map((source) => ({ path: interpolate(source, Object.fromEntries(values)), by: variablesIn(source) }));
}

export function readOnlyProblems(house: Draft, placed: Placed): Problem[] {
  const mountPoint = house.nas?.mountPoint ?? DEFAULT_MOUNT_POINT;
  return Object.entries(placed).flatMap(([vm, stacks]) => {
    if (guestOf(house, vm)?.mount?.readOnly !== true) return [];
    return stacks.flatMap((stack) =>
      written(house, vm, stack)
        .filter(({ path }) => path === mountPoint || path.startsWith(`${mountPoint}/`))
        .map(({ path, by }) => ({
          path: `vms.${vm}.guest.mount.readOnly`,
          value: "true",
          rule: `${stack.name} writes to ${path}, which lies below the mount`,
          fix:
            `set it to false, as what the stack only reads is mounted read-only by itself; or keep that on the VM's own ` +
            `disk: ${by.map((name) => `settings.${stack.name}.${name}`).join(", ")}`,
        })),
    );
  });
}
