/** What a person does to containers of a simulated guest: `docker stop`, `docker network connect`. The program sends none of it. */
import { lines, refused, said, type Context, type Program, type Result } from "../program";
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

/** `docker rm -f ID`: by the first digits of its id. */
export const dockerRemove: Program = ([force, id = ""], { guest }) => {
  if (force !== "-f" || id === "") return undefined;
  if (!guest.containers.some((each) => each.id.startsWith(id))) return noSuch(id);
  guest.containers = guest.containers.filter((each) => !each.id.startsWith(id));
  return said(`${id}\n`);
};

/** `docker network connect NETWORK CONTAINER`, and `disconnect`. */
export const dockerNetwork: Program = ([verb, network = "", name = ""], context) => {
  const found = named(context, name);
  if (found === undefined) return noSuch(name);
  const { [network]: _, ...others } = found.networks ?? {};
  // A container that is connected by hand has no name of a service there.
  found.networks = verb === "connect" ? { ...others, [network]: [found.id.slice(0, 12)] } : others;
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
