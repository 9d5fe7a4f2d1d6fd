/** Docker and Compose of a simulated guest: containers that come up, or don't, as its images say. */
import { createHash } from "node:crypto";
import { Hung, lines, refused, said, type Context, type Program, type Result } from "../program";
import type { LabContainer } from "../state";
import { hashOf, ProjectProblem, readProject, type Project, type ProjectOptions, type ProjectService } from "./project";
import {
  containerName,
  dockerNetwork,
  dockerRemove,
  dockerRestart,
  dockerStop,
  isConnected,
  networksOf,
} from "./dockerByHand";
import { dockerVolume, mountedBy, removeProject } from "./dockerMounts";
import { inspected } from "./inspected";

const PROJECT = "com.docker.compose.project";
const SERVICE = "com.docker.compose.service";
const HASH = "com.docker.compose.config-hash";
const FOLDER = "com.docker.compose.project.working_dir";
const ONE_OFF = "com.docker.compose.oneoff";

const number = (guest: Context["guest"]): number => ++guest.last;

const ofProject = ({ guest }: Context, name: string): LabContainer[] =>
  guest.containers.filter(({ project }) => project === name);

/** Others that live in its network follow it: Compose makes them anew, as they name the service. */
const networkOf = (service: ProjectService): string | undefined =>
  /^service:(.+)$/.exec(service.network_mode ?? "")?.[1];

function inOrder(project: Project): [string, ProjectService][] {
  const all = Object.entries(project.services);
  return [
    ...all.filter(([, service]) => networkOf(service) === undefined),
    ...all.filter(([, service]) => networkOf(service) !== undefined),
  ];
}

/** How Docker says that an image doesn't have the program it is to run. */
const NO_PROGRAM =
  "failed to create shim task: OCI runtime create failed: unable to start container process: no such file or directory";

const NO_ROOM = "Error response from daemon: write /var/lib/docker: no space left on device";

/** What an image's name means: another one each time it is tagged anew. */
const imageId = ({ guest }: Context, image: string): string =>
  `sha256:${createHash("sha256")
    .update(`${image} ${guest.retagged?.[image] ?? 0}`)
    .digest("hex")}`;

/** With the id of the container whose network it joins, as Compose hashes it when it makes one; not so `config --hash`. */
function resolvedHash(context: Context, project: Project, service: string, one: ProjectService): string {
  const owner = ownerOf(context, project, one);
  return owner === undefined
    ? (project.hashes[service] ?? "")
    : hashOf({ ...one, network_mode: `container:${owner.id}` });
}

function ownerOf(context: Context, project: Project, one: ProjectService): LabContainer | undefined {
  const target = networkOf(one);
  return target === undefined ? undefined : ofProject(context, project.name).find(({ service }) => service === target);
}

/** One that runs to its end: nothing of Compose's says so. */
const isOneShot = ({ restart, healthcheck, labels }: ProjectService): boolean =>
  restart === "no" && healthcheck === undefined && labels["infinity-node.completed"] === "true";

async function made(context: Context, project: Project, service: string, one: ProjectService): Promise<LabContainer> {
  const { guest } = context;
  const id = number(guest).toString(16).padStart(64, "0");
  const owner = ownerOf(context, project, one);
  const bad = guest.badImages[one.image];
  const ended = ["always", "unless-stopped"].includes(one.restart ?? "no") ? "restarting" : "exited";
  const wanted = isOneShot(one) ? "exited" : "running";
  const status = bad?.health === "created" ? "created" : bad?.health === "exited" ? ended : wanted;
  const labels = {
    ...one.labels,
    ...{ [PROJECT]: project.name, [SERVICE]: service, [ONE_OFF]: "False", [FOLDER]: project.directory },
    [HASH]: resolvedHash(context, project, service, one),
  };
  const networkMode = owner ? `container:${owner.id}` : (one.network_mode ?? `${project.name}_default`);
  return {
    ...{ id, project: project.name, service, image: one.image, imageId: imageId(context, one.image), labels, status },
    created: Date.now(),
    exitCode: bad?.health === "exited" ? 1 : 0,
    error: undefined,
    health: one.healthcheck === undefined ? undefined : bad ? "unhealthy" : "healthy",
    ...{ networkMode, networks: networksOf({ project: project.name, service, networkMode }) },
    ...(await mountedBy(context, project, one)),
    pid: status === "running" ? number(guest) : 0,
    namespace: owner?.namespace ?? number(guest),
    ...{ restart: one.restart, log: bad?.log ?? `${service} is ready\n` },
  };
}

/** What Compose takes for the project's own. */
const isCompose = ({ labels }: LabContainer): boolean => labels[HASH] !== undefined && labels[ONE_OFF] === "False";

async function up(project: Project, args: readonly string[], context: Context): Promise<Result> {
  const { guest } = context;
  const force = args.includes("--force-recreate");
  const only = args.filter((arg) => arg in project.services);
  if (args.includes("--remove-orphans"))
    guest.containers = guest.containers.filter(
      (each) => each.project !== project.name || each.service in project.services || !isCompose(each),
    );
  for (const [service, one] of inOrder(project)) {
    if (only.length > 0 && !only.includes(service)) continue;
    if (guest.missingImages.includes(one.image))
      return refused(`Error response from daemon: manifest for ${one.image} not found: manifest unknown`);
    const has = ofProject(context, project.name).find((each) => each.service === service);
    const same =
      has?.labels[HASH] === resolvedHash(context, project, service, one) &&
      has.imageId === imageId(context, one.image) &&
      isConnected(has) &&
      !force;
    if (has !== undefined && same) {
      // One that stopped is started; what runs or is paused is left alone, whatever its network is.
      if (has.status === "exited" || has.status === "created")
        Object.assign(has, { ...(await made(context, project, service, one)), id: has.id, created: has.created });
    } else {
      await context.moment(`take ${service} away`);
      guest.containers = guest.containers.filter((each) => each !== has);
      await context.moment(`make ${service}`);
      if (context.full()) return refused(NO_ROOM);
      const next = await made(context, project, service, one);
      // Asked for only now: another project's `up` may have put another list in its place meanwhile.
      guest.containers.push(next);
      if (!guest.images.includes(one.image)) guest.images.push(one.image);
    }
    const bad = guest.badImages[one.image];
    if (bad?.health === "created") return refused(`Error response from daemon: ${NO_PROGRAM}`);
  }
  if (!args.includes("--wait")) return said();
  // One that runs to its end has failed, for who waits for it to run.
  const failing = ofProject(context, project.name).find(
    ({ service, status, health }) =>
      (only.length === 0 || only.includes(service)) &&
      (health === "unhealthy" || status === "exited" || status === "restarting"),
  );
  if (failing === undefined) return said();
  const name = `${project.name}-${failing.service}-1`;
  return refused(
    failing.status === "running" ? `container ${name} is unhealthy` : `container ${name} exited (${failing.exitCode})`,
  );
}

function pull(project: Project, { guest, full }: Context): Result {
  for (const { image } of Object.values(project.services)) {
    if (guest.images.includes(image)) continue;
    if (guest.missingImages.includes(image))
      return refused(
        ` Image ${image} Pulling \n Image ${image} Error manifest unknown\nmanifest for ${image} not found: manifest unknown`,
      );
    if (full()) return refused(NO_ROOM);
    guest.images.push(image);
  }
  return said();
}

/** `--project-name NAME --file FILE ... VERB ARGS` */
function projectOptions(args: readonly string[]): { options: ProjectOptions; verb: string; rest: string[] } {
  const values: Record<string, string[]> = {};
  let at = 0;
  for (; args[at]?.startsWith("--") === true; at += 2) (values[args[at] ?? ""] ??= []).push(args[at + 1] ?? "");
  const one = (name: string): string | undefined => values[name]?.[0];
  const options = {
    name: one("--project-name"),
    directory: one("--project-directory"),
    envFile: one("--env-file"),
    files: values["--file"] ?? [],
  };
  return { options, verb: args[at] ?? "", rest: args.slice(at + 1) };
}

async function compose(args: readonly string[], context: Context, cwd?: string): Promise<Result | undefined> {
  const { options, verb, rest } = projectOptions(args);
  // By its name alone: what bears its label, whatever its files say.
  if (verb === "down" && cwd === "/") {
    removeProject(context, options.name ?? "", rest);
    return said();
  }
  const project = await readProject({ ...options, directory: options.directory ?? cwd }, context);
  switch (verb) {
    case "config":
      if (rest[0] === "--quiet") return said();
      return said(lines(Object.entries(project.hashes).map(([name, hash]) => `${name} ${hash}`)));
    case "pull":
      return pull(project, context);
    case "up":
      return up(project, rest, context);
    case "stop":
      for (const each of ofProject(context, project.name))
        Object.assign(each, { status: "exited", exitCode: 143, pid: 0 });
      return said();
    case "down":
      removeProject(context, project.name, rest);
      return said();
    case "wait": {
      const found = ofProject(context, project.name).find(({ service }) => service === rest[0]);
      if (found === undefined) return refused(`no containers for project "${project.name}"`);
      return { exitCode: found.exitCode, stdout: `container "${found.id}" exited with status code`, stderr: "" };
    }
    case "logs": {
      const name = rest.at(-1) ?? "";
      return said(ofProject(context, project.name).find(({ service }) => service === name)?.log ?? "");
    }
    default:
      return undefined;
  }
}

const hasDocker = ({ guest }: Context): boolean =>
  guest.packages.some((name) => name === "docker.io" || name === "docker-ce");

const docker: Program = async (args, context) => {
  const { guest } = context;
  if (!hasDocker(context)) return refused("sh: docker: not found", 127);
  const [verb, ...rest] = args;
  // Compose reads files without the daemon.
  if (guest.daemon.hangs === true && !rest.includes("config")) throw new Hung();
  if (guest.daemon.hangsAt !== undefined && rest.includes(guest.daemon.hangsAt)) throw new Hung();
  if (verb === "ps") return said(lines(guest.containers.map(({ id }) => id)));
  if (verb === "kill") {
    const found = guest.containers.find((each) => containerName(each) === rest[0]);
    if (found === undefined) return refused(`Error response from daemon: No such container: ${rest[0] ?? ""}`);
    Object.assign(found, { status: "exited", exitCode: 137, pid: 0 });
    return said(`${rest[0] ?? ""}\n`);
  }
  if (verb === "images")
    return said(lines(guest.images.map((image) => `${image.replace(/^docker\.io\//, "")} ${imageId(context, image)}`)));
  if (verb === "info") return said(`${String(guest.daemon.liveRestore)} ${guest.daemon.logDriver}\n`);
  if (verb === "inspect") {
    const found = guest.containers.filter(({ id }) => rest.includes(id));
    return said(`${JSON.stringify(found.map(inspected))}\n`);
  }
  if (verb === "volume") return dockerVolume(rest, context);
  if (verb === "rm") return dockerRemove(rest, context);
  if (verb === "stop") return dockerStop(rest, context);
  if (verb === "restart") return dockerRestart(rest, context);
  if (verb === "network") return dockerNetwork(rest, context);
  if (verb !== "compose") return undefined;
  if (guest.compose === 1) return refused("unknown flag: --project-name\nSee 'docker --help'.", 125);
  try {
    const [first, cwd] = rest;
    return await (first === "--lab-cwd" ? compose(rest.slice(2), context, cwd) : compose(rest, context));
  } catch (error) {
    if (error instanceof ProjectProblem) return refused(error.message);
    throw error;
  }
};

export const dockerPrograms: Readonly<Record<string, Program>> = {
  docker,
  dockerd: async (args, { guest, run }) => {
    if (!guest.daemon.validates) return refused("Status: unknown flag: --validate\nSee 'dockerd --help'., Code: 125");
    const path = args.find((arg) => arg.startsWith("--config-file="))?.slice(14) ?? "";
    const { stdout } = await run(["cat", "--", path]);
    try {
      JSON.parse(stdout);
      return said("configuration OK\n");
    } catch (error) {
      return refused(`unable to configure the Docker daemon with file ${path}: ${(error as Error).message}`);
    }
  },
};
