/**
 * The environment in which lab and tests run the engine: state, plugins and login of their own, and nothing of the
 * user's. Creates the two folders it names; changes no variable of this process.
 */
import { mkdirSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import type { Engine } from "./layout";

export interface EnvironmentOptions {
  readonly engine: Pick<Engine, "bin" | "origin">;
  /** Folder for state and plugins, below the git-ignored `.infinity/`. */
  readonly dir: string;
  /** Opens the secrets of the stacks in `dir`. */
  readonly passphrase: string;
  /** What to start from. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * What would point the engine or a provider at the user's own stacks, servers and accounts: the stack that is selected, an
 * access token, options for every command; credentials of Proxmox, Cloudflare, DigitalOcean and SSH.
 */
const USERS_OWN = /^(PULUMI_|PROXMOX_|PM_|CLOUDFLARE_|DIGITALOCEAN_|SSH_AUTH_SOCK$)/;

/**
 * How many resources the engine is at at once. Its own default is four times this machine's processors, while what is worked
 * on is elsewhere and mostly waited for: looks at one guest that come together are one.
 */
export const PARALLEL = 32;

/**
 * A complete environment for a child process. What is taken out stands there as `undefined`: the Automation API lays the
 * environment it is given over that of its own process, where a name that is only missing would come back.
 */
export function engineEnvironment(options: EnvironmentOptions): NodeJS.ProcessEnv {
  const { engine, passphrase, env = process.env } = options;
  const home = resolve(options.dir, "home");
  const state = resolve(options.dir, "state");
  // The file backend wants its folder to be there. State holds secrets, if encrypted: the user's alone.
  for (const folder of [home, state]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const inherited = Object.entries(env).map(
    ([name, value]) => [name, USERS_OWN.test(name) ? undefined : value] as const,
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: [engine.bin, env.PATH].filter((part) => part !== undefined && part !== "").join(delimiter),
    PULUMI_HOME: home,
    // Without it the backend writes a side file (.attrs) beside each of its files in place: a run that is killed in
    // between leaves an empty one, and with it a stack that can't be opened.
    PULUMI_BACKEND_URL: `file://${state}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_PARALLEL: String(PARALLEL),
    // An engine that was built here is one whose download site is out of reach: asking it for plugins only waits.
    ...(engine.origin === "go" ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
  };
}
