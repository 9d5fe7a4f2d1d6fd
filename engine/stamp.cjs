/**
 * Does bin/ hold what the sources say? A stamp in bin/, written after each successful build, lists every source and
 * every output with size, time and hash. Reads the checkout; writes nothing but the stamp. Plain Node without
 * dependencies: `pulumi up` asks this before anything compiled is loaded, in some 10 ms.
 */
"use strict";
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const STAMP = "bin/.stamp.json";
const FORMAT = 1;

/** What the compiler's result depends on besides the sources: its options, and the versions of compiler and types. */
const SETTINGS = ["tsconfig.json", "package-lock.json"];

/** Folders that hold no source; those that begin with a dot are skipped as the compiler skips them. */
const NO_SOURCES = new Set(["node_modules", "bin", "coverage"]);

/** Paths of all files below `folder` whose name passes, relative to `root`, with forward slashes, sorted. */
function filesBelow(root, folder, skip, wanted) {
  const found = [];
  const visit = (relative) => {
    for (const entry of fs.readdirSync(path.join(root, relative), { withFileTypes: true })) {
      const name = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!entry.name.startsWith(".") && !skip.has(entry.name)) visit(name);
      } else if (wanted(entry.name)) found.push(name);
    }
  };
  if (fs.existsSync(path.join(root, folder))) visit(folder);
  return found.sort();
}

const sourcesOf = (root) => filesBelow(root, "", NO_SOURCES, (name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
const settingsOf = (root) => SETTINGS.filter((name) => fs.existsSync(path.join(root, name)));
const outputsOf = (root) => filesBelow(root, "bin", new Set(), (name) => /\.js(\.map)?$/.test(name));
const outputOf = (source) => `bin/${source.replace(/\.ts$/, ".js")}`;

const hashOf = (file) => crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");

/** One line of the stamp: `[size, modification time in ms, SHA-256]`. */
function fingerprint(root, name) {
  const file = path.join(root, name);
  const { size, mtimeMs } = fs.statSync(file);
  return [size, mtimeMs, hashOf(file)];
}

/**
 * Is the file what it was? Equal size and time are taken as yes; after a checkout gave it a new time, the content
 * decides.
 */
function isUnchanged(root, name, was) {
  const file = path.join(root, name);
  const now = fs.statSync(file, { throwIfNoEntry: false });
  if (was === undefined || now === undefined || now.size !== was[0]) return false;
  return now.mtimeMs === was[1] || hashOf(file) === was[2];
}

/** The stamp of the last successful build, undefined where there is none that this code can read. */
function readStamp(root) {
  try {
    const stamp = JSON.parse(fs.readFileSync(path.join(root, STAMP), "utf8"));
    return stamp.format === FORMAT ? stamp : undefined;
  } catch {
    return undefined;
  }
}

/** Records sources as they were read before the compiler ran, so that an edit during the build shows as stale. */
function writeStamp(root, sources) {
  const outputs = Object.keys(sources)
    .filter((name) => name.endsWith(".ts"))
    .map(outputOf);
  const stamp = { format: FORMAT, sources, outputs: fingerprints(root, outputs) };
  const draft = path.join(root, `${STAMP}.${process.pid}`);
  fs.writeFileSync(draft, JSON.stringify(stamp));
  fs.renameSync(draft, path.join(root, STAMP));
}

const fingerprints = (root, names) => Object.fromEntries(names.map((name) => [name, fingerprint(root, name)]));

const fingerprintSources = (root) => fingerprints(root, [...settingsOf(root), ...sourcesOf(root)]);

/**
 * What makes bin/ stale, as the end of a sentence; undefined where it is current.
 * @param {string} root the checkout
 * @param {{ ignore?: string }} options folder whose sources don't count, with a slash at its end: `tests/`
 * @returns {{ reason: string, outputs: boolean } | undefined} `outputs`: the compiled files themselves were touched
 */
function staleness(root, { ignore } = {}) {
  const counts = (name) => ignore === undefined || !name.startsWith(ignore);
  const stamp = readStamp(root);
  if (stamp === undefined) return { reason: "bin/ is missing or was never finished", outputs: true };
  const sources = [...settingsOf(root), ...sourcesOf(root)].filter(counts);
  const changed = sources.find((name) => !isUnchanged(root, name, stamp.sources[name]));
  if (changed !== undefined) return { reason: `bin/ is older than ${changed}`, outputs: false };
  const present = new Set(sources);
  const gone = Object.keys(stamp.sources).find((name) => counts(name) && !present.has(name));
  if (gone !== undefined) return { reason: `bin/ still holds ${gone}, which is gone`, outputs: false };
  const touched = sources
    .filter((name) => name.endsWith(".ts"))
    .map(outputOf)
    .find((name) => !isUnchanged(root, name, stamp.outputs[name]));
  return touched === undefined ? undefined : { reason: `${touched} is not what the last build wrote`, outputs: true };
}

module.exports = { STAMP, staleness, fingerprintSources, writeStamp, sourcesOf, outputsOf, outputOf };
