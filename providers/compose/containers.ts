/**
 * The containers of every Compose project of a guest: three commands, however many there are, shared by all its stacks.
 * Asks; what the answers mean is pure.
 */
import { z } from "zod";
import { ask, type Answer, type Command } from "../guest/bulk";
import { memo } from "../memo";
import type { Host } from "../ssh/host";

export interface Container {
  readonly id: string;
  readonly project: string;
  readonly service: string;
  /** As it was asked for: `emby/embyserver:4.9.1.90`. */
  readonly image: string;
  /** `up`, `completed` (ended with 0), or what is wrong: `exited (1)`, `unhealthy`, `starting`, `restarting`, `no network`. */
  readonly state: string;
  /** Our hash of the stack's files that were mounted into it. */
  readonly content?: string;
  /** Compose's hash of the service as it was made. */
  readonly configHash?: string;
}

export const CONTENT_LABEL = "infinity-node.content";

const Inspected = z.array(
  z.object({
    Id: z.string(),
    State: z.object({
      Status: z.string(),
      ExitCode: z.number().default(0),
      Pid: z.number().default(0),
      Health: z.object({ Status: z.string() }).optional(),
    }),
    Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()).nullish() }),
    HostConfig: z.object({ NetworkMode: z.string().default("") }),
  }),
);

type Raw = z.infer<typeof Inspected>[number];

const IDS: Command = ["docker", "ps", "-aq", "--no-trunc", "--filter", "label=com.docker.compose.project"];

const namespaceOf = (pid: number): string => `/proc/${pid}/ns/net`;

/** The id of the container whose network it uses. */
const joined = ({ HostConfig }: Raw): string | undefined => /^container:(.+)$/.exec(HostConfig.NetworkMode)?.[1];

function stateOf(raw: Raw, all: readonly Raw[], namespaces: ReadonlyMap<string, string>): string {
  const { Status, ExitCode, Pid, Health } = raw.State;
  if (Status === "exited" || Status === "dead") return ExitCode === 0 ? "completed" : `exited (${ExitCode})`;
  if (Status !== "running") return Status;
  const target = joined(raw);
  if (target !== undefined) {
    const owner = all.find(({ Id }) => Id === target);
    const inode = namespaces.get(namespaceOf(Pid));
    // Joined to a name space that nobody has any more: Compose calls such a container healthy.
    if (owner === undefined || inode === undefined || namespaces.get(namespaceOf(owner.State.Pid)) !== inode)
      return "no network";
  }
  return Health === undefined || Health.Status === "none" || Health.Status === "healthy" ? "up" : Health.Status;
}

function inspected(answer: Answer | undefined): Raw[] {
  // One that went in between makes it fail, and the others are told all the same.
  const text = answer?.stdout.trim() ?? "";
  if (text === "") throw new Error(`docker inspect doesn't answer: ${answer?.stderr ?? ""}`);
  return Inspected.parse(JSON.parse(text));
}

async function listContainers(host: Host): Promise<Container[]> {
  const [listed] = await ask(host, [IDS]);
  if (listed?.exitCode !== 0) throw new Error(`${host.name}: Docker doesn't answer: ${listed?.stderr ?? ""}`);
  const ids = listed.stdout.split("\n").filter((id) => id !== "");
  if (ids.length === 0) return [];
  const [details] = await ask(host, [["docker", "inspect", "--type", "container", ...ids.sort()]]);
  const all = inspected(details);
  const pids = all
    .filter((raw) => joined(raw) !== undefined || all.some((other) => joined(other) === raw.Id))
    .filter(({ State }) => State.Pid > 0)
    .map(({ State }) => namespaceOf(State.Pid));
  const [spaces] = pids.length === 0 ? [] : await ask(host, [["stat", "-L", "-c", "%n %i", "--", ...pids.sort()]]);
  const lines = (spaces?.stdout ?? "").split("\n").flatMap((line) => {
    const [path, inode] = line.split(" ");
    return path !== undefined && inode !== undefined ? [[path, inode] as const] : [];
  });
  return all.flatMap((raw) => containerOf(raw, stateOf(raw, all, new Map(lines))));
}

/** To be forgotten by whoever changes a container. Throws where Docker doesn't answer: then nothing is known of any. */
export const containers = memo(listContainers);

function containerOf({ Id, Config }: Raw, state: string): Container[] {
  const labels = Config.Labels ?? {};
  const { "com.docker.compose.project": project, "com.docker.compose.service": service } = labels;
  // `docker compose run` makes one that belongs to nobody's services.
  if (project === undefined || service === undefined || labels["com.docker.compose.oneoff"] === "True") return [];
  const known = { content: labels[CONTENT_LABEL], configHash: labels["com.docker.compose.config-hash"] };
  return [{ id: Id, project, service, image: Config.Image, state, ...known }];
}
