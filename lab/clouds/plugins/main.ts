/**
 * A plugin's process: `node bin/lab/clouds/plugins/main.js digitalocean ENGINE`. Prints its port, which is what the engine
 * waits for, serves until it is ended, and ends by itself when the engine is gone.
 */
import { pluginDefinitions } from "./definitions";
import { servePlugin } from "./serve";

const LOOK_MS = 500;

/** A killed engine tells nobody: its children then have another parent. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, LOOK_MS).unref();
}

async function main(name: string | undefined): Promise<void> {
  const definition = pluginDefinitions().find((one) => one.name === name);
  if (!definition) throw new Error(`the lab has no plugin ${name ?? "without a name"}`);
  endWithParent();
  const { port } = await servePlugin(definition);
  console.log(port);
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
