/**
 * Where Pulumi's dynamic-provider process enters: from a resource's name for its compiled lifecycle to that lifecycle. It
 * makes the check that the program makes at its start (program.cjs), because refresh and destroy run no program. Plain
 * Node, not compiled: it has to work where bin/ is what is broken. Reads the checkout.
 */
"use strict";
const path = require("node:path");
const { staleness } = require("./stamp.cjs");

const root = path.resolve(__dirname, "..");

/**
 * @param {string} module path below `bin/`, without `.js`: `providers/proxmox/vm/lifecycle`
 * @returns what the module exports as `lifecycle`; the SDK asks once for each module in a process
 * @throws {Error} `bin/ is older than providers/proxmox/client.ts. Build it, then try again: npm run build`
 */
function lifecycleOf(module) {
  const stale = staleness(root, { ignore: "tests/" });
  if (stale !== undefined) {
    const error = new Error(`${stale.reason}. Build it, then try again: npm run build`);
    // The SDK writes message and stack to the screen; where this was thrown helps nobody.
    error.stack = "";
    throw error;
  }
  return require(path.join(root, "bin", `${module}.js`)).lifecycle;
}

module.exports = { lifecycleOf };
