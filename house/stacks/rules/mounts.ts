/**
 * What containers mount: data under paths that never change, the library under one path for everybody, databases on the
 * VM's own disk. Pure.
 */
import type { Problem } from "../../../values/problem";
import { usesIn } from "../interpolation";
import { libraryPart, libraryVariable, LIBRARY_IN_CONTAINERS } from "../library";
import { OF_THE_HOST, type Mount } from "../mount";
import type { Stack, StackService } from "../stack";

type PathMount = Extract<Mount, { kind: "path" }>;

function fileProblems(path: string, mount: Extract<Mount, { kind: "file" }>, stack: Stack): Problem[] {
  const value = `./${mount.source}`;
  const known = Object.keys(stack.files).some((file) => file === mount.source || file.startsWith(`${mount.source}/`));
  if (!known) {
    const rule = "is not in the stack's folder: Docker would make an empty folder of that name";
    return [{ path, value, rule, fix: "add the file; data belongs under a path of the VM: ${STATE:?}/..." }];
  }
  if (mount.readOnly) return [];
  return [
    { path, value, rule: "is the stack's own file, which a container must not change", fix: "mount it with :ro" },
  ];
}

function pathProblems(path: string, { source }: PathMount): Problem[] {
  const uses = usesIn(source);
  if (uses.length === 0 && OF_THE_HOST.test(source)) return [];
  if (uses.length === 0 || !source.startsWith("$")) {
    const rule = source.startsWith("/") ? "is one VM's path: no other house has it" : "depends on where the stack lies";
    return [{ path, value: source, rule, fix: "let it begin with a variable of .env.example: ${STATE:?}/..." }];
  }
  return uses
    .filter(({ demanded }) => !demanded)
    .map(({ name }) => ({
      path,
      value: source,
      rule: `becomes another path where ${name} is missing, and an empty one`,
      fix: `demand it: \${${name}:?}`,
    }));
}

/** Mounts of the library that only see whether it is there. */
const isGuard = ({ target, readOnly }: PathMount): boolean => readOnly && target.startsWith("/run/");

function libraryProblems(path: string, mount: PathMount, part: string): Problem[] {
  const value = `${mount.source}:${mount.target}`;
  const wanted = `${LIBRARY_IN_CONTAINERS}${part}`;
  return [
    ...(mount.createsSource
      ? [
          {
            path,
            value,
            rule: "would be made, empty, on the VM's disk while the NAS is away",
            fix: "write it long, with bind: { create_host_path: false }",
          },
        ]
      : []),
    ...(isGuard(mount) || mount.target === wanted
      ? []
      : [
          {
            path,
            value,
            rule: "is called otherwise in other containers: a path that one tells another leads nowhere",
            fix: `mount it at ${wanted}`,
          },
        ]),
  ];
}

/** What belongs to all mounts of the library of one container. */
function togetherProblems(path: string, mounts: readonly PathMount[], variable: string): Problem[] {
  const parts = mounts.flatMap((mount) => {
    const part = libraryPart(mount.source, variable);
    return part === undefined ? [] : [{ mount, part }];
  });
  const written = parts.filter(({ mount }) => !mount.readOnly);
  const whole = parts.some(({ part, mount }) => part === "" && !isGuard(mount));
  return [
    ...(written.length > 1
      ? [
          {
            path,
            value: written.map(({ part }) => part || "/").join(", "),
            rule: "are several mounts of one library: no hard link leads from one to another, so that every import is a copy",
            fix: `mount \${${variable}:?} once, at ${LIBRARY_IN_CONTAINERS}`,
          },
        ]
      : []),
    ...(whole && !parts.some(({ part }) => part !== "")
      ? [
          {
            path,
            rule: "the mount point is there while the NAS is away: the container would fill the VM's disk",
            fix: `mount a folder of it too, read-only, which is missing then: \${${variable}:?}/downloads at /run/library`,
          },
        ]
      : []),
  ];
}

const under = (inner: string, outer: string): boolean => inner === outer || inner.startsWith(`${outer}/`);

/** Where databases of the stack lie: SQLite's by their path on the VM, PostgreSQL's by what the container mounts. */
function databaseProblems(stack: Stack, variable: string): Problem[] {
  const rule = "is a database on a network share: its locks don't hold there";
  const fix = "keep it on the VM's own disk: ${STATE}/...";
  const sqlite = (stack.backup.sqlite ?? [])
    .filter((file) => libraryPart(file, variable) !== undefined)
    .map((value) => ({ path: "x-infinity.backup.sqlite", value, rule, fix }));
  const postgres = Object.keys(stack.backup.postgres ?? {}).flatMap((name) => {
    const service = stack.services[name];
    if (!service)
      return [
        {
          path: `x-infinity.backup.postgres.${name}`,
          rule: "there is no such service in the stack",
          fix: "correct its name",
        },
      ];
    return pathMounts(service)
      .filter(
        ({ source, target }) =>
          libraryPart(source, variable) !== undefined && under("/var/lib/postgresql/data", target),
      )
      .map(({ source }) => ({ path: `services.${name}.volumes`, value: source, rule, fix }));
  });
  return [...sqlite, ...postgres];
}

const pathMounts = ({ mounts }: StackService): PathMount[] =>
  mounts.filter((mount): mount is PathMount => mount.kind === "path");

export function mountProblems(stack: Stack): Problem[] {
  const variable = libraryVariable(stack);
  const each = Object.entries(stack.services).flatMap(([name, service]) => {
    const path = `services.${name}.volumes`;
    const paths = pathMounts(service);
    return [
      ...service.mounts.flatMap((mount) => (mount.kind === "file" ? fileProblems(path, mount, stack) : [])),
      ...paths.flatMap((mount) => {
        const part = variable === undefined ? undefined : libraryPart(mount.source, variable);
        return [...pathProblems(path, mount), ...(part === undefined ? [] : libraryProblems(path, mount, part))];
      }),
      ...(variable === undefined ? [] : togetherProblems(path, paths, variable)),
    ];
  });
  return [...each, ...(variable === undefined ? [] : databaseProblems(stack, variable))];
}
