/**
 * Where Pulumi's dynamic-provider process enters: from a resource's name for its compiled lifecycle to that lifecycle. It
 * makes the check that the program makes at its start (program.cjs), because refresh and destroy run no program. Plain
 * Node, not compiled: it has to work where bin/ is what is broken. Reads the checkout.
 */
"use strict";
const path = require("node:path");
const { staleness } = require("./stamp.cjs");

const root = path.resolve(__dirname, "..");

let watched = false;

/** An engine that is killed alone leaves this process behind: it ends soon after. */
function endWithEngine() {
  if (watched) return;
  watched = true;
  const { endWith, engineOf } = require("../bin/providers/engineWatch.js");
  const engine = engineOf(process.argv);
  if (engine !== undefined) endWith(engine, () => process.exit(1));
}

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
  endWithEngine();
  return require(path.join(root, "bin", `${module}.js`)).lifecycle;
}

module.exports = { lifecycleOf };
