/** What of a stack goes to its guest: files under a name that follows from their content, and how Compose is called. Pure. */
import { stringify } from "yaml";
import { canonical } from "../canonical";
import type { Command } from "../guest/bulk";
import type { ComposeStackInputs } from "./args";
import { CONTENT_LABEL } from "./containers";
import { sha256 } from "./digest";
import { printDotenv, type Variables } from "./dotenv";

/** Compose file of our own, over the stack's: what makes a service anew when a file that is mounted into it changes. */
export const LABELS_FILE = "infinity.yml";
export const ENV_FILE = ".env";

/** Where stacks lie on a guest, each in a folder of its own. */
export const STACKS_FOLDER = "/opt/stacks";
/** In a stack's folder: held by whoever changes its containers. */
export const LOCK_FILE = ".lock";

type Stack = Pick<ComposeStackInputs, "project" | "directory" | "compose" | "files" | "services">;

export function labelsFile({ services }: Pick<Stack, "services">): string | undefined {
  const labelled = Object.entries(services).flatMap(([name, { content }]) =>
    content === undefined ? [] : [[name, { labels: { [CONTENT_LABEL]: content } }] as const],
  );
  if (labelled.length === 0) return undefined;
  return `# Written by infinity-node: changes here are undone.\n${stringify({ services: Object.fromEntries(labelled) })}`;
}

/** The compose files in the order in which they count. */
const composeFiles = (stack: Stack): string[] => [
  ...stack.compose,
  ...(labelsFile(stack) === undefined ? [] : [LABELS_FILE]),
];

/** Variables by which Compose itself is told what the stack is. */
export const COMPOSE_VARIABLES = ["COMPOSE_FILE", "COMPOSE_PROJECT_NAME"] as const;

export const composeVariables = (stack: Stack): Readonly<Record<(typeof COMPOSE_VARIABLES)[number], string>> => ({
  COMPOSE_FILE: composeFiles(stack)
    .map((file) => `${stack.directory}/${file}`)
    .join(":"),
  COMPOSE_PROJECT_NAME: stack.project,
});

/**
 * The guest's `.env`: with it `docker compose` in the stack's folder means the same stack for a person, too.
 * @param others lines of the guest's own variables, as they are: they may use those above them.
 */
export const envFile = (stack: Stack, env: Variables, others: readonly string[]): string =>
  [printDotenv({ ...env, ...composeVariables(stack) }), ...others.map((line) => `${line}\n`)].join("");

/** Sixteen digits that follow from everything that is in it. @param dotenv text of its `.env`. */
export const releaseId = (stack: Stack, dotenv: string): string =>
  sha256(JSON.stringify(canonical([stack.files, labelsFile(stack) ?? "", dotenv]))).slice(0, 16);

export const isRelease = (name: string): boolean => /^[0-9a-f]{16}$/.test(name);

export const releaseFolder = ({ directory }: Stack, id: string): string => `${directory}/releases/${id}`;

/** First part of every path: what is linked from the stack's folder to the current release. */
export const entries = (stack: Stack): string[] =>
  [
    ...new Set([
      ...Object.keys(stack.files).map((path) => path.split("/")[0] ?? path),
      ...(labelsFile(stack) === undefined ? [] : [LABELS_FILE]),
      ENV_FILE,
    ]),
  ].sort();

/**
 * @param folder where its files are read: the stack's own, so that paths never change with a release; a release's to try
 *   one that isn't current.
 */
export const compose = (stack: Stack, folder: string, ...args: string[]): Command => [
  ...(["docker", "compose", "--project-name", stack.project, "--project-directory", folder] as const),
  ...["--env-file", `${folder}/${ENV_FILE}`],
  ...composeFiles(stack).flatMap((file) => ["--file", `${folder}/${file}`]),
  ...args,
];
