/** A stack's folder as text, and where a house finds them. Pure: who reads the files is the caller's business. */
import type { ComposeSpec } from "./composeSpec";

export interface StackFolder {
  /** `radarr`: the folder's name, and the Compose project's. */
  readonly name: string;
  /** Text of every file by its path in the folder: `docker-compose.yml`, `.env.example`, `config/settings.yaml`. */
  readonly files: Readonly<Record<string, string>>;
  /** Of each file that its text doesn't tell all of, as it is no text or is executable: what does, by path. */
  readonly marks?: Readonly<Record<string, string>>;
}

/** The folder `stacks/` of a house. */
export interface StackFolders {
  /** Names of the folders in it. */
  readonly names: readonly string[];
  /** `undefined` where there is none of that name. */
  readonly read: (name: string) => StackFolder | undefined;
  /** What Compose itself takes; made when it is asked for first. */
  readonly spec: () => ComposeSpec;
}

export const EXAMPLE = ".env.example";

const COMPOSE = /^docker-compose(?:\.([a-z0-9-]+))?\.yml$/;

/** The Compose file of a variant: `docker-compose.nordlynx.yml`; without one, `docker-compose.yml`. */
export const composeFile = (variant?: string): string =>
  variant === undefined ? "docker-compose.yml" : `docker-compose.${variant}.yml`;

/** Names of the variants that a folder has beside its default. */
export const variantsOf = ({ files }: StackFolder): string[] =>
  Object.keys(files).flatMap((path) => COMPOSE.exec(path)?.[1] ?? []);

/** What a stack's containers may mount: every file but those that describe the stack. */
export const mountable = ({ files }: StackFolder): Record<string, string> =>
  Object.fromEntries(Object.entries(files).filter(([path]) => path !== EXAMPLE && !COMPOSE.test(path)));
