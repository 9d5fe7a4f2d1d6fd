/**
 * Builds bin/ from the TypeScript sources where it is stale: compiles, removes outputs whose source is gone, and stamps
 * the result. Writes below bin/ and `.infinity/`. Plain Node; needs the installed compiler.
 *
 * `node engine/build.cjs` builds where needed and ends with the compiler's exit code.
 */
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { withLock } = require("./lock.cjs");
const { staleness, fingerprintSources, writeStamp, sourcesOf, outputsOf, outputOf } = require("./stamp.cjs");

/** Outputs of sources that were renamed or deleted: left there, they would still load and their tests still run. */
function removeOrphans(root) {
  const wanted = new Set(sourcesOf(root).flatMap((source) => [outputOf(source), `${outputOf(source)}.map`]));
  for (const output of outputsOf(root)) if (!wanted.has(output)) fs.rmSync(path.join(root, output));
}

function compile(root, stale) {
  // The compiler's own memory knows sources only: touched outputs would stay as they are.
  if (stale.outputs) fs.rmSync(path.join(root, "bin/.tsbuildinfo"), { force: true });
  const sources = fingerprintSources(root);
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  if (!fs.existsSync(tsc)) return { ok: false, output: "node_modules/typescript is missing: run npm ci\n" };
  const run = spawnSync(process.execPath, [tsc, "-p", "."], { cwd: root, encoding: "utf8" });
  if (run.status !== 0) return { ok: false, output: run.stdout + run.stderr };
  removeOrphans(root);
  writeStamp(root, sources);
  return { ok: true, output: "" };
}

/**
 * Brings bin/ up to date.
 * @param {string} root the checkout
 * @param {{ onStart: (reason: string) => void, onWait: (pid: number) => void }} report
 * @returns {{ ok: boolean, built: boolean, output: string }} `output`: the compiler's complaints
 */
function build(root, report) {
  if (staleness(root) === undefined) return { ok: true, built: false, output: "" };
  return withLock(path.join(root, ".infinity/build.lock"), report.onWait, () => {
    const stale = staleness(root);
    if (stale === undefined) return { ok: true, built: false, output: "" };
    report.onStart(stale.reason);
    return { ...compile(root, stale), built: true };
  });
}

if (require.main === module) {
  const started = Date.now();
  const result = build(path.resolve(__dirname, ".."), {
    onStart: (reason) => console.log(`${reason}; compiling ...`),
    onWait: (pid) => console.log(`waiting for another build (process ${pid})`),
  });
  process.stdout.write(result.output);
  if (result.ok) console.log(result.built ? `built in ${((Date.now() - started) / 1000).toFixed(1)} s` : "up to date");
  process.exitCode = result.ok ? 0 : 1;
}

module.exports = { build };
