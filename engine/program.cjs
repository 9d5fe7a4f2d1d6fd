/**
 * Where `pulumi up` enters the program (`main` in package.json, so that the working directory stays the checkout). Runs
 * the compiled program, and only if it is what the sources say: an old build would change a real house by old rules.
 * Reads the checkout.
 */
"use strict";
const path = require("node:path");
const { inspect } = require("node:util");
const { staleness } = require("./stamp.cjs");

// The SDK formats in colour the stack of every error that ends a program, shown or not, and Node takes minutes to colour one
// with node_modules in it: an engine that was killed would leave this process behind for as long. Its text does.
Object.defineProperty(Error.prototype, inspect.custom, {
  configurable: true,
  writable: true,
  value() {
    return this.stack ?? String(this);
  },
});

// An engine that was killed leaves nobody to read what this process says: each write fails, Node warns of it, and the warning
// is the next write, without an end.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error) => {
    if (error.code === "EPIPE") process.exit(1);
  });

const root = path.resolve(__dirname, "..");
const stale = staleness(root, { ignore: "tests/" });
if (stale !== undefined) {
  // RunError is the engine's own way to end a program with a message and no stack.
  const { RunError } = require("@pulumi/pulumi");
  throw new RunError(`${stale.reason}. Build it, then try again: npm run build`);
}
module.exports = require("../bin/index.js");
