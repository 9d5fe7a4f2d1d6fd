/**
 * The containers of every Compose project of a guest: six commands, however many there are, shared by all its stacks.
 * Asks; what the answers mean is pure.
 */
import { z } from "zod";
import { ask, hung, soon, SOON_SECONDS, type Answer, type Command } from "../guest/bulk";
import { isNfs, mountinfo } from "../guest/mountTable";
import { memo } from "../memo";
import type { Host } from "../ssh/host";
import { mountedIn, mountsSchema, type Mounted } from "./mounts";
import { isOnOldMount, SHARES, sharesBy, sharesWithin, usesShare, type Shares } from "./oldMount";

export interface Container {
  readonly id: string;
  readonly project: string;
  readonly service: string;
  /** As it was asked for: `emby/embyserver:4.9.1.90`. */
  readonly image: string;
  /** `up`, `completed` (ended with 0), or what is wrong: `exited (1)`, `unhealthy`, `starting`, `no network`, `old mount`. */
  readonly state: string;
  /** Its image's name means another one by now: it was pulled, built or tagged anew. */
  readonly retagged: boolean;
  /** It uses another container's network, name spaces or volumes: Compose hashed it with that container's id in it. */
  readonly joined: boolean;
  /** Networks that it was connected to by hand: `up` leaves them, and only a container that is made anew has none of them. */
  readonly strays: readonly string[];
  /** What it writes to and outlives it. */
  readonly data: readonly Mounted[];
  /** When it was made, in Unix seconds; left out where Docker doesn't say. */
  readonly created?: number;
  /** Our hash of the stack's files that were mounted into it; none of one that was made by hand. */
  readonly content?: string;
  /** Compose's hash of the service as it was made. */
  readonly configHash?: string;
  /** On the guest, where Compose was run. */
  readonly folder?: string;
}

export const CONTENT_LABEL = "infinity-node.content";

const Inspected = z.array(
  z.object({
    Id: z.string(),
    Name: z.string().default(""),
    Created: z.string().default(""),
    Image: z.string().default(""),
    State: z.object({
      Status: z.string(),
      ExitCode: z.number().default(0),
      Pid: z.number().default(0),
      Health: z.object({ Status: z.string() }).optional(),
    }),
    Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()).nullish() }),
    HostConfig: z.object({
      NetworkMode: z.string().default(""),
      PidMode: z.string().default(""),
      IpcMode: z.string().default(""),
      VolumesFrom: z.array(z.string()).nullish(),
    }),
    Mounts: mountsSchema,
    NetworkSettings: z
      .object({
        Networks: z
          .record(z.string(), z.object({ NetworkID: z.string().default(""), Aliases: z.array(z.string()).nullish() }))
          .nullish(),
      })
      .optional(),
  }),
);

type Raw = z.infer<typeof Inspected>[number];

const IDS = soon("docker", "ps", "-aq", "--no-trunc", "--filter", "label=com.docker.compose.project");

const IMAGES = soon("docker", "images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}");

const said = (answer: Answer | undefined): string =>
  hung(answer) ? `it said nothing for ${SOON_SECONDS} s` : (answer?.stderr ?? "");

/** One spelling of an image's name, as `docker images` has it. A digest is its own proof. */
function plainName(image: string): string | undefined {
  if (image.includes("@")) return undefined;
  const name = image.replace(/^(index\.)?docker\.io\//, "").replace(/^library\//, "");
  return name.split("/").at(-1)?.includes(":") === true ? name : `${name}:latest`;
}

/** Id of each image that has a name. */
const named = (answer: Answer | undefined): ReadonlyMap<string, string> =>
  new Map(
    (answer?.stdout ?? "").split("\n").flatMap((line) => {
      const [name, id] = line.split(" ");
      return name !== undefined && id !== undefined ? [[name, id] as const] : [];
    }),
  );

const namespaceOf = (pid: number): string => `/proc/${pid}/ns/net`;

/** The id of the container whose network it uses. */
const joined = ({ HostConfig }: Raw): string | undefined => /^container:(.+)$/.exec(HostConfig.NetworkMode)?.[1];

/** Its networks, and whether each is the one that it was made in. */
const networksOf = ({ HostConfig: { NetworkMode }, NetworkSettings }: Raw) =>
  Object.entries(NetworkSettings?.Networks ?? {}).map(([name, { NetworkID, Aliases }]) => {
    const own = name === NetworkMode || NetworkID === NetworkMode || (name === "bridge" && NetworkMode === "default");
    return { name, own, aliases: Aliases ?? [] };
  });

/** Whether somebody took it out of the network that it was made in. */
const isCutOff = (raw: Raw): boolean =>
  raw.NetworkSettings?.Networks != null && joined(raw) === undefined && !networksOf(raw).some(({ own }) => own);

/**
 * Compose gives a container its service's name in each network that it connects it to, and its own where it is a newer one:
 * by hand nobody gives both.
 */
function straysOf(raw: Raw, service: string): string[] {
  const networks = networksOf(raw);
  const itself = raw.Name.replace(/^\//, "");
  const named = networks.some(({ own, aliases }) => own && aliases.includes(itself)) ? [service, itself] : [service];
  return networks
    .filter(({ own, aliases }) => !own && !named.every((name) => aliases.includes(name)))
    .map(({ name }) => name)
    .sort();
}

function stateOf(raw: Raw, all: readonly Raw[], namespaces: ReadonlyMap<string, string>, shares: Shares): string {
  const { Status, ExitCode, Pid, Health } = raw.State;
  if (Status === "exited" || Status === "dead") return ExitCode === 0 ? "completed" : `exited (${ExitCode})`;
  if (Status !== "running") return Status;
  if (isCutOff(raw)) return "no network";
  const target = joined(raw);
  if (target !== undefined) {
    const owner = all.find(({ Id }) => Id === target);
    const inode = namespaces.get(namespaceOf(Pid));
    // Joined to a name space that nobody has any more: Compose calls such a container healthy.
    if (owner === undefined || inode === undefined || namespaces.get(namespaceOf(owner.State.Pid)) !== inode)
      return "no network";
  }
  if (isOnOldMount(raw.Mounts ?? [], Pid, shares)) return "old mount";
  return Health === undefined || Health.Status === "none" || Health.Status === "healthy" ? "up" : Health.Status;
}

function inspected(answer: Answer | undefined): Raw[] {
  // One that went in between makes it fail, and the others are told all the same.
  const text = answer?.stdout.trim() ?? "";
  if (text === "") throw new Error(`docker inspect doesn't answer: ${said(answer)}`);
  return Inspected.parse(JSON.parse(text));
}

async function listContainers(host: Host): Promise<Container[]> {
  const [listed, tagged, mounted] = await ask(host, [IDS, IMAGES, SHARES]);
  if (listed?.exitCode !== 0) throw new Error(`${host.name}: Docker doesn't answer: ${said(listed)}`);
  if (hung(tagged)) throw new Error(`${host.name}: Docker doesn't name its images: ${said(tagged)}`);
  const ids = listed.stdout.split("\n").filter((id) => id !== "");
  if (ids.length === 0) return [];
  const [details] = await ask(host, [soon("docker", "inspect", "--type", "container", ...ids.sort())]);
  const all = inspected(details);
  const ofGuest = mountinfo(mounted?.stdout ?? "").filter(isNfs);
  const users = all.filter(({ State, Mounts }) => State.Pid > 0 && usesShare(Mounts ?? [], ofGuest));
  const pids = all
    .filter((raw) => joined(raw) !== undefined || all.some((other) => joined(other) === raw.Id))
    .filter(({ State }) => State.Pid > 0)
    .map(({ State }) => namespaceOf(State.Pid));
  const [spaces, within] = await askWhere(host, [
    [pids, ["stat", "-L", "-c", "%n %i", "--", ...pids.sort()]],
    [users, sharesWithin(users.map(({ State }) => State.Pid).sort())],
  ]);
  const lines = (spaces?.stdout ?? "").split("\n").flatMap((line) => {
    const [path, inode] = line.split(" ");
    return path !== undefined && inode !== undefined ? [[path, inode] as const] : [];
  });
  const images = named(tagged);
  const shares = { ofGuest, within: sharesBy(within) };
  return all.flatMap((raw) => containerOf(raw, stateOf(raw, all, new Map(lines), shares), images));
}

/** What is asked about nobody is not asked: a look without it is a round trip shorter. */
async function askWhere(
  host: Host,
  questions: readonly (readonly [about: readonly unknown[], command: Command])[],
): Promise<(Answer | undefined)[]> {
  const asked = questions.filter(([about]) => about.length > 0);
  const answers = await ask(
    host,
    asked.map(([, command]) => command),
  );
  return questions.map((question) => answers[asked.indexOf(question)]);
}

/** To be forgotten by whoever changes a container. Throws where Docker doesn't answer: then nothing is known of any. */
export const containers = memo(listContainers);

function isRetagged({ Image, Config }: Raw, images: ReadonlyMap<string, string>): boolean {
  const now = images.get(plainName(Config.Image) ?? "");
  return now !== undefined && Image !== "" && now !== Image;
}

const isJoined = ({ HostConfig: { NetworkMode, PidMode, IpcMode, VolumesFrom } }: Raw): boolean =>
  [NetworkMode, PidMode, IpcMode].some((mode) => mode.startsWith("container:")) || (VolumesFrom ?? []).length > 0;

function containerOf(raw: Raw, state: string, images: ReadonlyMap<string, string>): Container[] {
  const { Id, Config } = raw;
  const labels = Config.Labels ?? {};
  const { "com.docker.compose.project": project, "com.docker.compose.service": service } = labels;
  const configHash = labels["com.docker.compose.config-hash"];
  // What Compose takes for the project's: neither one of `docker compose run`, nor one that only bears its name.
  if (project === undefined || service === undefined || configHash === undefined) return [];
  if (labels["com.docker.compose.oneoff"] !== "False") return [];
  const folder = labels["com.docker.compose.project.working_dir"];
  const made = Date.parse(raw.Created) / 1000;
  const created = Number.isNaN(made) ? undefined : made;
  const known = { content: labels[CONTENT_LABEL], configHash, folder, created };
  const itself = { retagged: isRetagged(raw, images), joined: isJoined(raw), strays: straysOf(raw, service) };
  const data = mountedIn(raw.Mounts);
  return [{ id: Id, project, service, image: Config.Image, state, data, ...itself, ...known }];
}
