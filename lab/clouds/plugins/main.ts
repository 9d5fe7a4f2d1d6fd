/**
 * A plugin's process: `node bin/lab/clouds/plugins/main.js digitalocean ENGINE`. Prints its port, which is what the engine
 * waits for, serves until it is ended, and ends by itself when the engine is gone.
 */
import { endWith, engineAt } from "../../../providers/engineWatch";
import { pluginDefinitions } from "./definitions";
import { servePlugin } from "./serve";

async function main(name: string | undefined, address = ""): Promise<void> {
  const definition = pluginDefinitions().find((one) => one.name === name);
  if (!definition) throw new Error(`the lab has no plugin ${name ?? "without a name"}`);
  // By its address: one that was killed while this process started is nobody's parent any more.
  const engine = engineAt(address);
  if (engine !== undefined)
    endWith(engine, () => {
      process.exit(0);
    });
  const served = await servePlugin(definition);
  console.log(served.port);
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
