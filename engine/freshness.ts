/**
 * The provider process's side of the check that the program makes at its start (program.cjs): refresh and destroy run
 * no program, and yet run the compiled lifecycles. Reads the checkout.
 */
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

interface Stamp {
  staleness(root: string, options: { ignore: string }): { reason: string } | undefined;
}

/** The checkout: compiled, this file lies two folders below it. */
const checkout = resolve(__dirname, "../..");

let checked = false;

/**
 * Ends a provider's call where bin/ is not what the sources say. The first call of a process costs some 10 ms, later
 * ones nothing.
 * @throws Error without a stack: `bin/ is older than providers/proxmox/client.ts. Build it, then try again: npm run build`
 */
export function requireFreshBuild(): void {
  if (checked) return;
  // Not compiled and not copied to bin/: it has to work where bin/ is what is broken.
  const stamp = createRequire(join(checkout, "engine/"))("./stamp.cjs") as Stamp;
  const stale = stamp.staleness(checkout, { ignore: "tests/" });
  if (stale !== undefined) {
    const error = new Error(`${stale.reason}. Build it, then try again: npm run build`);
    delete error.stack;
    throw error;
  }
  checked = true;
}
