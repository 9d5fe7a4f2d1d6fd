/** Stacks for the tests: one that keeps every rule, and changes to it. */
import { ownSpec } from "../../../components/stackFolders";
import type { StackFolder, StackFolders } from "../../../house/stacks/folder";
import { parseStack } from "../../../house/stacks/parse";
import type { Stack } from "../../../house/stacks/stack";
import { formatProblem } from "../../../values/problem";

export const COMPOSE = `
name: films
x-infinity:
  purpose: Films
  priority: critical
  web:
    films: { port: 7878 }
  backup:
    folders: ["\${STATE}/config"]
    sqlite: ["\${STATE}/config/films.db"]
services:
  films:
    image: example.org/films:1.2.3
    restart: unless-stopped
    environment:
      API_KEY: \${API_KEY}
    ports:
      - "7878:80"
    volumes:
      - \${STATE:?}/config:/config
      - type: bind
        source: \${LIBRARY:?}/media
        target: /data/media
        bind: { create_host_path: false }
      - ./motd:/motd:ro
    healthcheck:
      test: ["CMD", "true"]
    labels: { com.centurylinklabs.watchtower.enable: "false" }
    logging: { driver: local, options: { max-size: 10m } }
`;

export const EXAMPLE = `
# Where it keeps its own. [setting]
STATE=/srv/films

# Where the NAS is mounted. [house library]
LIBRARY=/mnt/nas

# Key of its API. [secret]
API_KEY=
`;

export const folder = (change: Readonly<Record<string, string | undefined>> = {}, name = "films"): StackFolder => {
  const files: Readonly<Record<string, string | undefined>> = {
    "docker-compose.yml": COMPOSE,
    ".env.example": EXAMPLE,
    motd: "hello\n",
    ...change,
  };
  return {
    name,
    files: Object.fromEntries(
      Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])),
    ),
  };
};

/** A text of the pattern, and what stands there instead. */
export type Change = readonly [string, string];

/** A second stack on the same pattern, called otherwise. */
export const renamed = (name: string, ...changes: readonly Change[]): StackFolder =>
  folder({ "docker-compose.yml": edited(["name: films", `name: ${name}`], ...changes) }, name);

/** {@link COMPOSE} with texts put in place of others, each of which has to be there. */
export function edited(...changes: readonly Change[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the pattern has no ${from}`);
    return text.replace(from, to);
  }, COMPOSE);
}

export const folders = (...all: readonly StackFolder[]): StackFolders => ({
  names: all.map(({ name }) => name),
  read: (name) => all.find((one) => one.name === name),
  spec: ownSpec,
});

export function said(of: StackFolder, variant?: string): string[] {
  const parsed = parseStack(of, variant, ownSpec());
  return "problems" in parsed ? parsed.problems.map(formatProblem) : [];
}

export function stack(of: StackFolder = folder(), variant?: string): Stack {
  const parsed = parseStack(of, variant);
  if ("stack" in parsed) return parsed.stack;
  throw new Error(parsed.problems.map(formatProblem).join("\n"));
}
