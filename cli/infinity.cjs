#!/usr/bin/env node
/** `npx infinity ...`: sets up what is missing or stale (dependencies, build, engine), then runs the compiled command line. */
"use strict";
const { spawnSync } = require("node:child_process");
const path = require("node:path");
const { staleness } = require("../engine/stamp.cjs");

const root = path.resolve(__dirname, "..");
if (staleness(root, { ignore: "tests/" }) !== undefined) {
  const setup = path.join(root, "engine", "setup.cjs");
  const { status } = spawnSync(process.execPath, [setup, "engine"], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
require("../bin/cli/main.js");
