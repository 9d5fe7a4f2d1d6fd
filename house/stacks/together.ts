/** The rules that hold the stacks of a house against one another, and against the house. Pure. */
import type { Problem } from "../../values/problem";
import type { Draft, House } from "../schema";
import { environmentOf } from "./environment";
import { interpolate } from "./interpolation";
import { libraryParts, libraryVariable } from "./library";
import { limitProblems, limitWarnings } from "./memory";
import type { Placed } from "./placed";
import { readOnlyProblems } from "./readOnly";
import type { Stack } from "./stack";
import { valueProblems } from "./values";
import { DEFAULT_MOUNT_POINT } from "./words";

interface Taken {
  readonly port: number;
  readonly protocol: string;
  /** Who has it, in words. */
  readonly by: string;
}

/** Ports that a stack takes on its VM: those it publishes, and what it says of its containers on the host's network. */
function portsOf(stack: Stack): Taken[] {
  const published = Object.entries(stack.services).flatMap(([name, { ports }]) =>
    ports.flatMap(({ published: port, protocol }) =>
      port === undefined ? [] : [{ port, protocol, by: `${name} of ${stack.name}` }],
    ),
  );
  const onHost = Object.entries(stack.web)
    .filter(([name, { service = name }]) => stack.services[service]?.network.kind === "host")
    .map(([name, { port }]) => ({ port, protocol: "tcp", by: `${name} of ${stack.name}` }));
  const listed = (stack.ports ?? []).map((text) => {
    const [port, protocol = "tcp"] = text.split("/");
    return { port: Number(port), protocol, by: stack.name };
  });
  return [...published, ...onHost, ...listed];
}

function portProblems(vm: string, stacks: readonly Stack[]): Problem[] {
  const first = new Map<string, Taken>();
  return stacks.flatMap(portsOf).flatMap((taken) => {
    const key = `${taken.port}/${taken.protocol}`;
    const other = first.get(key);
    first.set(key, other ?? taken);
    if (!other) return [];
    const rule = `is taken twice: by ${other.by} and by ${taken.by}`;
    return [
      {
        path: `vms.${vm}.services`,
        value: key,
        rule,
        fix: "publish one of them on another port, or move it to another VM",
      },
    ];
  });
}

/** A stack that mounts the library needs the NAS, and the folders that it mounts. */
function libraryProblems(house: Draft, vm: string, stack: Stack): Problem[] {
  const path = `vms.${vm}.services`;
  if (libraryVariable(stack) === undefined) return [];
  if (!house.nas)
    return [
      {
        path,
        value: stack.name,
        rule: "mounts the library, and the house has no NAS",
        fix: "give the section nas, or leave it out",
      },
    ];
  const { library } = house.nas;
  if (!library) return [];
  return libraryParts(stack).flatMap((part) => {
    const [, folder = "", below] = part.split("/");
    const folders = library[folder];
    if (folders && (below === undefined || folders.includes(below))) return [];
    const rule = `mounts ${part} of the library, which nas.library doesn't have`;
    return [{ path, value: stack.name, rule, fix: "add the folder there, or correct the stack's mount" }];
  });
}

/** Needs that lead back to where they began: nothing could come first. */
function circleProblems(stacks: readonly Stack[]): Problem[] {
  const needs = new Map(stacks.map((stack) => [stack.name, stack]));
  const circle = (name: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(name)) return name === way[0] ? [...way, name] : undefined;
    for (const next of needs.get(name)?.needs ?? []) {
      const found = circle(next, [...way, name]);
      if (found) return found;
    }
    return undefined;
  };
  const found = [...needs.keys()].map((name) => circle(name, [])).find((way) => way !== undefined);
  if (!found) return [];
  const [name = ""] = found;
  const rule = `go round in a circle: ${found.join(", ")}`;
  return [{ path: `stacks/${name}/${needs.get(name)?.file ?? ""}: x-infinity.needs`, rule, fix: "end it somewhere" }];
}

export function stacksTogetherProblems(house: Draft, placed: Placed): Problem[] {
  const all = Object.values(placed).flat();
  return [
    ...Object.entries(placed).flatMap(([vm, stacks]) => [
      ...portProblems(vm, stacks),
      ...stacks.flatMap((stack) => libraryProblems(house, vm, stack)),
    ]),
    ...circleProblems(all),
    ...limitProblems(house, placed),
    ...readOnlyProblems(house, placed),
    ...valueProblems(house, placed),
  ];
}

/** A database that the house's own settings put on the NAS: it was so before, and its owner may know better. */
function sharedDatabases(house: House, vm: string, stack: Stack): string[] {
  const mountPoint = house.nas?.mountPoint ?? DEFAULT_MOUNT_POINT;
  const { environment } = environmentOf({ house, vm, stack }, {});
  const values = Object.fromEntries(Object.entries(environment).map(([name, { value }]) => [name, value]));
  const databases = [
    ...(stack.backup.sqlite ?? []),
    ...Object.keys(stack.backup.postgres ?? {}).flatMap((name) =>
      (stack.services[name]?.mounts ?? []).flatMap((mount) => (mount.kind === "path" ? [mount.source] : [])),
    ),
  ].map((path) => interpolate(path, values));
  return databases
    .filter((path) => path.startsWith(`${mountPoint}/`))
    .map((path) => `settings.${stack.name}: ${path} is a database on a network share: its locks may not hold there`);
}

/** What a house may do and its owner should know. */
export function stackWarnings(house: House, placed: Placed): string[] {
  const present = new Set(Object.values(placed).flatMap((stacks) => stacks.map(({ name }) => name)));
  const short = Object.entries(placed).flatMap(([vm, stacks]) =>
    stacks.flatMap((stack) => {
      const lacking = stack.needs.filter((need) => !present.has(need));
      const needs = `vms.${vm}.services: ${stack.name} needs ${lacking.join(", ")}, which no VM has`;
      return [...(lacking.length === 0 ? [] : [needs]), ...sharedDatabases(house, vm, stack)];
    }),
  );
  return [...short, ...limitWarnings(house, placed)];
}
