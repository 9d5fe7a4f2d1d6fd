/**
 * Where `pulumi up` enters the program (`main` in package.json, so that the working directory stays the checkout). Runs
 * the compiled program, and only if it is what the sources say: an old build would change a real house by old rules.
 * Reads the checkout.
 */
"use strict";
const path = require("node:path");
const { staleness } = require("./stamp.cjs");

const root = path.resolve(__dirname, "..");
const stale = staleness(root, { ignore: "tests/" });
if (stale !== undefined) {
  // RunError is the engine's own way to end a program with a message and no stack.
  const { RunError } = require("@pulumi/pulumi");
  const error = new RunError(`${stale.reason}. Build it, then try again: npm run build`);
  // The SDK formats the stack that it will not show, and Node takes minutes to colour one with node_modules in it.
  error.stack = error.message;
  throw error;
}
module.exports = require("../bin/index.js");
