/**
 * The way from a bare clone to a running job: `node engine/setup.cjs start|test|bench|engine [arguments]`. Checks Node,
 * installs the locked dependencies, builds, finds the Pulumi engine, then hands over to the job. Each step that has
 * something to do says so, with its time. Plain Node without dependencies; the syntax up to the version check is old on
 * purpose, so that an old Node can still say what it is missing.
 */
"use strict";
const path = require("path");

const root = path.resolve(__dirname, "..");
const MINIMUM_NODE = [20, 19];

const JOBS = {
  start: ["bin/cli/main.js", "start"],
  test: ["node_modules/jest/bin/jest.js"],
  bench: ["bin/cli/main.js", "bench"],
  engine: undefined,
};

function nodeIsNewEnough(version) {
  const parts = version.split(".").map(Number);
  return parts[0] > MINIMUM_NODE[0] || (parts[0] === MINIMUM_NODE[0] && parts[1] >= MINIMUM_NODE[1]);
}

const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1) + " s";

/** Ends the set-up with what the failed step said. */
class StepFailed extends Error {}

/** A step's reporter: what it starts, and whom it waits for. */
const reporter = (say, step, doing) => ({
  onStart: (reason) => say(step + ": " + reason + "; " + doing + " ..."),
  onWait: (pid) => say(step + ": waiting for another set-up (process " + pid + ")"),
});

/** @returns whether there was something to do */
function installDependencies(say) {
  const started = Date.now();
  const result = require("./dependencies.cjs").install(root, reporter(say, "dependencies", "running npm ci"));
  if (!result.ok) throw new StepFailed(result.output + "npm ci failed: is the package registry reachable?");
  if (result.installed) say("dependencies: installed in " + seconds(started));
  return result.installed;
}

/** @returns whether there was something to do */
function buildProgram(say) {
  const started = Date.now();
  const result = require("./build.cjs").build(root, reporter(say, "build", "compiling"));
  if (!result.ok) throw new StepFailed(result.output + "The build failed.");
  if (result.built) say("build: done in " + seconds(started));
  return result.built;
}

async function getEngine(say) {
  const started = Date.now();
  const { ensureEngine } = require("../bin/engine/engine.js");
  const engine = await ensureEngine({ say: (text) => say("engine: " + text) });
  say("engine: pulumi " + engine.version + ", " + engine.source + ", " + engine.bin + " (" + seconds(started) + ")");
}

/** Runs the job in this terminal, and ends as it ends. */
function handOver(script, args) {
  const child = require("child_process").spawn(process.execPath, [script].concat(args), {
    cwd: root,
    stdio: "inherit",
  });
  // The terminal sends its interrupt to the whole group: the job decides what to do, and this process waits for it.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("error", (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? code : 128 + require("os").constants.signals[signal];
  });
}

async function main(job, args) {
  if (!Object.prototype.hasOwnProperty.call(JOBS, job)) {
    throw new StepFailed("usage: node engine/setup.cjs " + Object.keys(JOBS).join("|") + " [arguments]");
  }
  const started = Date.now();
  const say = (text) => console.log("[setup] " + text);
  requireNode();
  if (!installDependencies(say)) say("dependencies: as locked");
  if (!buildProgram(say)) say("build: up to date");
  await getEngine(say);
  say("ready in " + seconds(started));
  const script = JOBS[job];
  if (script !== undefined) handOver(path.join(root, script[0]), script.slice(1).concat(args));
}

function requireNode() {
  if (nodeIsNewEnough(process.versions.node)) return;
  throw new StepFailed(
    "Node " + process.versions.node + " is too old: install " + MINIMUM_NODE.join(".") + " or newer.",
  );
}

/** What failed for a reason that people can mend needs no stack. */
function fail(error) {
  console.error(error instanceof StepFailed || error.name === "EngineError" ? error.message : error);
  process.exit(1);
}

/**
 * For the command line: dependencies and build, said only where there is something to do, and not on the standard output,
 * which is the command's own. Ends the process where that fails.
 */
function prepare() {
  const say = (text) => console.error("[setup] " + text);
  try {
    requireNode();
    installDependencies(say);
    buildProgram(say);
  } catch (error) {
    fail(error);
  }
}

if (require.main === module) main(process.argv[2], process.argv.slice(3)).catch(fail);

module.exports = { prepare };
