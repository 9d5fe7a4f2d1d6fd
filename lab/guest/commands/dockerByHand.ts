/**
 * What a person does to containers of a simulated guest: `docker stop`, `docker restart`, `docker network connect`. The
 * program sends none of it.
 */
import { lines, refused, said, type Context, type Program, type Result } from "../program";
import { rejoin } from "../rejoin";
import type { LabContainer } from "../state";

/** Killed where it doesn't end by itself: 128 and SIGTERM's number. */
const TERMINATED = 143;

export const containerName = ({ project, service }: Pick<LabContainer, "project" | "service">): string =>
  `${project}-${service}-1`;

const named = ({ guest }: Context, name: string): LabContainer | undefined =>
  guest.containers.find((each) => containerName(each) === name);

const noSuch = (name: string): Result => refused(`Error response from daemon: No such container: ${name}`);

export const dockerStop: Program = (names, context) => {
  for (const name of names) {
    const found = named(context, name);
    if (found === undefined) return noSuch(name);
    if (found.status === "running") Object.assign(found, { status: "exited", exitCode: TERMINATED, pid: 0 });
  }
  return said(lines(names));
};

/** Who lives in its network stays in the one of before, which leads nowhere. */
export const dockerRestart: Program = (names, context) => {
  const { guest } = context;
  for (const name of names) {
    const found = named(context, name);
    if (found === undefined) return noSuch(name);
    const owner = guest.containers.find(({ id }) => found.networkMode === `container:${id}`);
    const namespace = owner?.namespace ?? ++guest.last;
    Object.assign(found, { status: "running", exitCode: 0, pid: ++guest.last, namespace, error: undefined });
  }
  rejoin(guest);
  return said(lines(names));
};

/** `docker rm -f ID`: by the first digits of its id. */
export const dockerRemove: Program = ([force, id = ""], { guest }) => {
  if (force !== "-f" || id === "") return undefined;
  if (!guest.containers.some((each) => each.id.startsWith(id))) return noSuch(id);
  guest.containers = guest.containers.filter((each) => !each.id.startsWith(id));
  return said(`${id}\n`);
};

/** `docker network connect [--alias NAME] NETWORK CONTAINER`, and `disconnect`. */
export const dockerNetwork: Program = ([verb, ...args], context) => {
  const aliases = args[0] === "--alias" ? args.slice(1, 2) : [];
  const [network = "", name = ""] = args.slice(2 * aliases.length);
  const found = named(context, name);
  if (found === undefined) return noSuch(name);
  const { [network]: _, ...others } = found.networks ?? {};
  // A container that is connected by hand has no name there but its id's, and those that it is given.
  found.networks = verb === "connect" ? { ...others, [network]: [...aliases, found.id.slice(0, 12)] } : others;
  return said();
};

/** Of a container as Compose makes it: its service's name in its own network; none in Docker's. */
export function networksOf({
  project,
  service,
  networkMode,
}: Pick<LabContainer, "project" | "service" | "networkMode">) {
  if (networkMode.startsWith("container:")) return {};
  const ofDocker = ["host", "none", "bridge"].includes(networkMode);
  return { [networkMode]: ofDocker ? null : [containerName({ project, service }), service] };
}

/** Whether it is still in the network that it was made in: Compose makes one anew that isn't. */
export const isConnected = ({ networkMode, networks, status }: LabContainer): boolean =>
  networks === undefined || networkMode.startsWith("container:") || networkMode in networks || status !== "running";
