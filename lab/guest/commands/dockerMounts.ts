/** What a container of a simulated guest has mounted, as Docker and the kernel tell it. */
import { posix } from "node:path";
import { refused, said, type Context, type Program } from "../program";
import type { LabContainer, LabContainerMount } from "../state";
import { below, deviceOf } from "./mounts";
import type { Project, ProjectService } from "./project";

/** Where Docker keeps a volume's files. */
const volumePath = (name: string): string => `/var/lib/docker/volumes/${name}/_data`;

interface Written {
  readonly type?: string;
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
}

function written(volume: string | Written): Written {
  if (typeof volume !== "string") return volume;
  const [source = "", target = source, options = ""] = volume.split(":");
  return { source, target, read_only: options.split(",").includes("ro") };
}

/** Paths and volumes; nothing that is in memory. */
function mountsOf({ directory, volumes }: Project, service: ProjectService): LabContainerMount[] {
  const all = (service.volumes ?? []) as readonly (string | Written)[];
  return all.map(written).flatMap(({ type, source = "", target, read_only: readOnly = false }): LabContainerMount[] => {
    if (type === "tmpfs") return [];
    const common = { Destination: target, RW: !readOnly };
    const volume = volumes[source];
    if (volume !== undefined) return [{ Type: "volume", Name: volume, Source: volumePath(volume), ...common }];
    // As it is written: Docker follows no link before it mounts it.
    return [{ Type: "bind", Source: posix.resolve(directory, source), ...common }];
  });
}

/** `down` of a project: its volumes stay unless they are to go, too. */
export function removeProject({ guest }: Context, project: string, options: readonly string[]): void {
  guest.containers = guest.containers.filter((each) => each.project !== project);
  if (options.includes("--volumes"))
    guest.volumes = Object.fromEntries(Object.entries(guest.volumes ?? {}).filter(([, of]) => of !== project));
}

/** `docker volume inspect NAME`: there is one with the first container that has it. */
export const dockerVolume: Program = ([verb, ...rest], { guest }) => {
  const name = rest.at(-1) ?? "";
  if (verb !== "inspect") return undefined;
  const known =
    name in (guest.volumes ?? {}) ||
    guest.containers.some(({ mounts = [] }) => mounts.some(({ Name }) => Name === name));
  return known ? said(`${volumePath(name)}\n`) : refused(`Error response from daemon: get ${name}: no such volume`);
};

/** Where links led to, and what of the NAS was mounted, when the container started. */
export async function mountedBy(
  { guest, run }: Context,
  project: Project,
  service: ProjectService,
): Promise<Pick<LabContainer, "mounts" | "release" | "shares">> {
  const mounts = mountsOf(project, service);
  for (const { Name } of mounts) if (Name !== undefined) (guest.volumes ??= {})[Name] ??= project.name;
  const ofStack = mounts.some(({ Source }) => Source.startsWith(`${project.directory}/`));
  const current = ofStack ? (await run(["readlink", "--", `${project.directory}/current`])).stdout.trim() : "";
  for (const { Source } of mounts) await run(["statfs", Source]);
  const shares = mounts.flatMap(({ Source, Destination }) => {
    const share = guest.mounts.findLast(({ type, target }) => type === "nfs4" && below(Source, target));
    if (share === undefined) return [];
    return [{ at: Destination, device: deviceOf(share), source: share.source, options: share.options }];
  });
  return { mounts, release: current.split("/").at(-1), shares };
}
