/** A Compose project of a simulated guest: its files put together as far as the lab needs it. Pure but for reading them. */
import { createHash } from "node:crypto";
import { parse } from "yaml";
import { parseDotenv } from "../../../providers/compose/dotenv";
import type { Context } from "../program";

export interface ProjectService {
  readonly image: string;
  readonly labels: Record<string, string>;
  readonly network_mode?: string;
  readonly healthcheck?: unknown;
  readonly restart?: string;
  readonly depends_on?: unknown;
  readonly [key: string]: unknown;
}

export interface Project {
  readonly name: string;
  readonly directory: string;
  readonly services: Readonly<Record<string, ProjectService>>;
  /** Of each service as it is written: what tells Compose that one has to be made anew. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Docker's name of each volume that it declares. */
  readonly volumes: Readonly<Record<string, string>>;
}

/** As Compose says it. */
export class ProjectProblem extends Error {}

type Env = Readonly<Record<string, string>>;

/** `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `$$`. */
function interpolated(text: string, env: Env): string {
  return text.replace(
    /\$(?:(\$)|\{(\w+)(?:(:?[-?])([^}]*))?\}|(\w+))/g,
    (_, dollar: string | undefined, name = "", how = "", more = "", short = "") => {
      if (dollar !== undefined) return "$";
      const variable = `${name as string}${short as string}`;
      const value = env[variable];
      if (value !== undefined && value !== "") return value;
      if ((how as string).endsWith("?"))
        throw new ProjectProblem(`required variable ${variable} is missing a value: ${(more as string) || "not set"}`);
      return (how as string).endsWith("-") ? (more as string) : (value ?? "");
    },
  );
}

function deep(value: unknown, env: Env): unknown {
  if (typeof value === "string") return interpolated(value, env);
  if (Array.isArray(value)) return value.map((item) => deep(item, env));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(item, env)]));
}

function labelsOf(labels: unknown): Record<string, string> {
  if (!Array.isArray(labels)) return (labels ?? {}) as Record<string, string>;
  return Object.fromEntries(
    (labels as string[]).map((label) => [label.split("=")[0] ?? "", label.split("=").slice(1).join("=")]),
  );
}

/** What came before `docker compose`'s own verb. */
export interface ProjectOptions {
  readonly name?: string;
  readonly directory?: string;
  readonly envFile?: string;
  readonly files: readonly string[];
}

async function textOf({ run }: Context, path: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run(["cat", "--", path]);
  return exitCode === 0 ? stdout : undefined;
}

export const hashOf = (service: ProjectService): string =>
  createHash("sha256").update(JSON.stringify(service)).digest("hex");

/** @throws ProjectProblem */
export async function readProject(options: ProjectOptions, context: Context): Promise<Project> {
  const { directory = "/", envFile = `${directory}/.env` } = options;
  const dotenv = await textOf(context, envFile);
  if (dotenv === undefined && options.envFile !== undefined)
    throw new ProjectProblem(`couldn't find env file: ${envFile}`);
  const env = parseDotenv(dotenv ?? "");
  const named = env.COMPOSE_FILE?.split(":") ?? [`${directory}/docker-compose.yml`];
  const files = options.files.length > 0 ? options.files : named;
  let name = options.name ?? env.COMPOSE_PROJECT_NAME ?? "";
  const services: Record<string, ProjectService> = {};
  let declared: Record<string, { name?: string } | null> = {};
  for (const file of files) {
    const text = await textOf(context, file);
    if (text === undefined) throw new ProjectProblem(`open ${file}: no such file or directory`);
    let parsed: { name?: string; services?: Record<string, Record<string, unknown>>; volumes?: typeof declared } | null;
    try {
      parsed = parse(text, { merge: true }) as typeof parsed;
    } catch (error) {
      throw new ProjectProblem(`yaml: ${(error as Error).message.split("\n")[0] ?? ""}`);
    }
    if (parsed === null) throw new ProjectProblem("empty compose file");
    name ||= parsed.name ?? "";
    declared = { ...declared, ...parsed.volumes };
    for (const [service, given] of Object.entries(parsed.services ?? {})) {
      const own = deep(given, env) as Record<string, unknown>;
      const labels = { ...services[service]?.labels, ...labelsOf(own.labels) };
      services[service] = { ...services[service], ...own, labels } as ProjectService;
    }
  }
  const nameless = Object.entries(services).find(([, { image }]) => (image as string | undefined) === undefined);
  if (nameless) throw new ProjectProblem(`service "${nameless[0]}" has neither an image nor a build context specified`);
  return {
    name,
    directory,
    services,
    volumes: Object.fromEntries(Object.entries(declared).map(([key, one]) => [key, one?.name ?? `${name}_${key}`])),
    hashes: Object.fromEntries(Object.entries(services).map(([key, one]) => [key, hashOf(one)])),
  };
}
