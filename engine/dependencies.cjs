/**
 * Are the locked dependencies installed, and if not, installs them (`npm ci`). Writes node_modules/ and `.infinity/`;
 * reaches the package registry. Plain Node without dependencies: it runs on a bare clone.
 */
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { withLock } = require("./lock.cjs");

const readJson = (file) => JSON.parse(fs.readFileSync(file, "utf8"));

/**
 * Compares the lock file with npm's own record of what it installed, entry by entry: that holds whoever ran npm.
 * @returns {string | undefined} why an installation is needed, undefined where none is
 */
function missing(root) {
  const record = path.join(root, "node_modules/.package-lock.json");
  // npm writes the record last: without it, an installation was never finished.
  if (!fs.existsSync(record)) return "node_modules/ is missing or was never finished";
  const installed = readJson(record).packages;
  const wanted = Object.entries(readJson(path.join(root, "package-lock.json")).packages);
  const differs = wanted.find(([where, entry]) => {
    if (where === "") return false;
    const found = installed[where];
    // Optional ones are for other platforms, or could not be built here.
    return found === undefined ? entry.optional !== true : found.version !== entry.version;
  });
  return differs === undefined ? undefined : `${differs[0]} is not at its locked version`;
}

/** npm as it was started, or the one on PATH; `npm` is a script that only a shell starts on some systems. */
function npm() {
  const script = process.env.npm_execpath;
  return script !== undefined && /npm-cli\.js$/.test(script) ? [process.execPath, [script]] : ["npm", []];
}

/**
 * @param {string} root the checkout
 * @param {{ onStart: (reason: string) => void, onWait: (pid: number) => void }} report
 * @returns {{ ok: boolean, installed: boolean, output: string }} `output`: what npm said when it failed
 */
function install(root, report) {
  if (missing(root) === undefined) return { ok: true, installed: false, output: "" };
  return withLock(path.join(root, ".infinity/install.lock"), report.onWait, () => {
    const reason = missing(root);
    if (reason === undefined) return { ok: true, installed: false, output: "" };
    report.onStart(reason);
    const [command, first] = npm();
    // The compiler and the test runner are development dependencies: NODE_ENV=production must not leave them out.
    const run = spawnSync(command, [...first, "ci", "--include=dev"], { cwd: root, encoding: "utf8" });
    const output = run.error === undefined ? run.stdout + run.stderr : `npm did not start: ${run.error.message}\n`;
    return { ok: run.status === 0, installed: true, output };
  });
}

module.exports = { install, missing };
