/**
 * `infinity pulumi ...` on the user's own stack: what a killed run left is cleared up before a command that changes the
 * stack. Asks the engine where the stack is; what is done to it stands in engine/recover.
 */
import { join } from "node:path";
import type { Engine } from "../engine/engine";
import { placeOf, type AskEngine } from "../engine/recover/fileBackend";
import { NotTakenUp } from "../engine/recover/creations";
import { doubtfulText, recover } from "../engine/recover/recover";
import { run } from "../engine/run";
import { pendingClouds } from "./pendingClouds";
import { personAt } from "./person";
import { ownEnvironment, runPulumi } from "./pulumi";
import { REPEATING, runRefreshFirst } from "./refreshFirst";
import { projectRoot } from "./root";

/** Commands that take the stack's lock. */
const LOCKING = new Set(["up", "update", "refresh", "destroy", "import", "watch", "state"]);

/**
 * An `up` goes on after a failure with all that doesn't depend on it: a guest that is down fails what is on it, and no
 * other one. Unless `--continue-on-error=false`, or the variable, says otherwise.
 */
const goingOn = ([command = ""]: readonly string[], env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  REPEATING.has(command) ? { ...env, PULUMI_CONTINUE_ON_ERROR: env.PULUMI_CONTINUE_ON_ERROR ?? "true" } : env;

/** Any command, on this terminal. @param env the engine's. @returns its exit code. */
export function runHere(engine: Engine, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const going = goingOn(args, env);
  // Where the engine asks nobody, nobody is asked here.
  const asks = process.stdout.isTTY && !args.includes("--non-interactive");
  return runRefreshFirst(args, {
    env: going,
    person: asks ? personAt(process.stdin, process.stderr) : undefined,
    run: (given) => runPulumi(engine, given, going),
    say: console.error,
  });
}

/** `--config-file` of the command, for those before it that read the configuration as well. */
function configFileOf(args: readonly string[]): string[] {
  const at = args.findIndex((arg) => /^--config-file(=|$)/.test(arg));
  return at < 0 ? [] : args.slice(at, at + (args[at]?.includes("=") ? 1 : 2));
}

/** @returns the engine's exit code, or 1 where the command was not started. */
export async function runOnOwnStack(engine: Engine, args: readonly string[]): Promise<number> {
  const [command = ""] = args;
  if (LOCKING.has(command) && !args.includes("--help") && !args.includes("-h")) {
    const problem = await recoverOwnStack(engine, args, REPEATING.has(command));
    if (problem !== undefined) {
      console.error(problem);
      return 1;
    }
  }
  return runHere(engine, args, ownEnvironment(engine));
}

/**
 * @param repeats whether the command does again what was begun: only then is the list of it cleared.
 * @returns why the command must not be started; `undefined` where it may.
 */
export async function recoverOwnStack(
  engine: Engine,
  args: readonly string[],
  repeats: boolean,
): Promise<string | undefined> {
  const ask: AskEngine = async (given) => {
    const asked = ["config", "refresh"].includes(given[0] ?? "") ? [...given, ...configFileOf(args)] : given;
    // What writes the state may have to ask for its passphrase.
    if ((asked[1] === "import" || asked[0] === "refresh") && process.stdin.isTTY)
      return { code: await runPulumi(engine, asked), stdout: "", stderr: "see above" };
    const options = { cwd: projectRoot, env: ownEnvironment(engine) };
    return run(join(engine.bin, "pulumi"), [...asked, "--non-interactive"], options);
  };
  const place = await placeOf(args, projectRoot, ask);
  if (place === undefined) return undefined;
  const resolve = pendingClouds((asked) => ask([...asked, "--stack", place.stack]), process.env);
  try {
    const { doubtful } = await recover({ place, ask, say: console.error, repeats, resolve });
    return doubtful.length > 0 ? doubtfulText(place, doubtful) : undefined;
  } catch (error) {
    if (error instanceof NotTakenUp) return error.message;
    // Only the list of what was begun is left: the engine warns of it and goes on. Without a passphrase in the
    // environment it can't be cleared where nobody can be asked for one.
    console.error(`what the killed run had begun stays listed in the state: ${(error as Error).message}`);
    return undefined;
  }
}
