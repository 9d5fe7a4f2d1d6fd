/** From a stack's folder to the stack, or to everything that is wrong with it. Pure. */
import type { Problem } from "../../values/problem";
import type { Compose, ComposeService } from "./compose";
import type { ComposeSpec } from "./composeSpec";
import { parseCompose } from "./composeText";
import { composeFile, EXAMPLE, mountable, type StackFolder } from "./folder";
import { parseImage } from "./image";
import { variablesIn } from "./interpolation";
import { mountOf, tmpfsOf, type Mount } from "./mount";
import { portOf } from "./port";
import { stackProblems } from "./rules/stack";
import type { Network, Stack, StackService } from "./stack";
import { parseVariables, type Variable } from "./variables";

export type ParsedStack = { readonly stack: Stack } | { readonly problems: readonly Problem[] };

function networkOf(mode: string | undefined): Network {
  if (mode === undefined || mode === "bridge") return { kind: "own" };
  if (mode === "host") return { kind: "host" };
  const [, service] = /^service:(.+)$/.exec(mode) ?? [];
  return service === undefined ? { kind: "other", mode } : { kind: "service", service };
}

/** Files of the folder that a container gets: through a mount of the file or of a folder above it, or as a config. */
function mountedFiles(compose: Compose, service: ComposeService, mounts: readonly Mount[], paths: readonly string[]) {
  const sources = [
    ...mounts.flatMap((mount) => (mount.kind === "file" ? [mount.source] : [])),
    ...[
      ...service.configs.map((name) => compose.configs[name]),
      ...service.secrets.map((name) => compose.secrets[name]),
    ]
      .flatMap((source) => source?.file ?? [])
      .map((file) => file.replace(/^\.\//, "")),
  ];
  return paths.filter((path) => sources.some((source) => path === source || path.startsWith(`${source}/`)));
}

function handedOn(service: ComposeService): string[] {
  return Object.entries(service.environment).flatMap(([name, value]) => (value === null ? [name] : []));
}

/** Docker's name of a volume: Compose puts the project's before it, unless the file says its own. */
function namedVolume(compose: Compose, mount: Mount): Mount {
  if (mount.kind !== "volume" || mount.source === undefined) return mount;
  const { name, external } = compose.volumes[mount.source] ?? {};
  const given = external === undefined || external === false ? `${compose.name}_${mount.source}` : mount.source;
  return { ...mount, source: name ?? given };
}

function serviceOf(compose: Compose, service: ComposeService, paths: readonly string[]): StackService {
  const { restart, mem_limit: memory, healthcheck, logging, environment, labels } = service;
  const volumes = service.volumes.map(mountOf).map((mount) => namedVolume(compose, mount));
  const mounts = [...volumes, ...service.tmpfs.map(tmpfsOf)];
  const handedAsFiles = [
    ...service.secrets.flatMap((name) => compose.secrets[name]?.environment ?? []),
    ...service.configs.flatMap((name) => compose.configs[name]?.environment ?? []),
  ].sort();
  return {
    image: parseImage(service.image),
    ...(restart === undefined ? {} : { restart }),
    ...(memory === undefined ? {} : { memory }),
    healthcheck: healthcheck?.test !== undefined && !healthcheck.disable,
    ...(logging && { logging }),
    network: networkOf(service.network_mode),
    ports: service.ports.map(portOf),
    mounts,
    environment,
    labels,
    dependsOn: service.depends_on,
    variables: [...new Set([...variablesIn(service), ...handedOn(service), ...handedAsFiles])].sort(),
    handedAsFiles,
    files: mountedFiles(compose, service, mounts, paths),
  };
}

/** Compose fills variables in everywhere but in its own extensions; ours are filled in by the program. */
const usedBy = (stack: Pick<Stack, "services">, extension: unknown): Set<string> =>
  new Set([...Object.values(stack.services).flatMap(({ variables }) => variables), ...variablesIn(extension)]);

function stackOf(folder: StackFolder, compose: Compose, variables: readonly Variable[], variant?: string): Stack {
  const mounted = mountable(folder);
  const file = composeFile(variant);
  const services = Object.fromEntries(
    Object.entries(compose.services).map(([name, service]) => [
      name,
      serviceOf(compose, service, Object.keys(mounted)),
    ]),
  );
  const used = usedBy({ services }, compose["x-infinity"]);
  return {
    ...compose["x-infinity"],
    name: folder.name,
    ...(variant === undefined ? {} : { variant }),
    file,
    services,
    variables: variables.filter(({ name }) => used.has(name)),
    unused: variables.filter(({ name }) => !used.has(name)),
    files: { [file]: folder.files[file] ?? "", ...mounted },
    marks: folder.marks ?? {},
  };
}

/** Compose takes these names, too; a house has one. */
function fixOfMissing({ files }: StackFolder, variant: string | undefined): string {
  const other = ["compose.yaml", "compose.yml", "docker-compose.yaml"].find((name) => name in files);
  return variant === undefined && other !== undefined ? `rename ${other} to it` : "write the stack's Compose file";
}

/**
 * @param variant which of the folder's Compose files: `nordlynx` is docker-compose.nordlynx.yml. @default docker-compose.yml
 * @param spec what Compose itself takes; left out where that is not asked.
 */
export function parseStack(folder: StackFolder, variant?: string, spec?: ComposeSpec): ParsedStack {
  const at = (path: string): string => `stacks/${folder.name}/${path}`;
  const text = folder.files[composeFile(variant)];
  if (text === undefined)
    return {
      problems: [{ path: at(composeFile(variant)), rule: "is missing", fix: fixOfMissing(folder, variant) }],
    };
  const compose = parseCompose(text, at(composeFile(variant)), spec);
  const { variables, problems } = parseVariables(folder.files[EXAMPLE] ?? "", at(EXAMPLE));
  if ("problems" in compose) return { problems: [...compose.problems, ...problems] };
  const stack = stackOf(folder, compose.compose, variables, variant);
  const broken = [...problems, ...stackProblems({ folder, stack, compose: compose.compose, variables })];
  return broken.length > 0 ? { problems: broken } : { stack };
}
