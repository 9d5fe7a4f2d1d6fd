/** Runs a script in a Node process of its own, in the project's folder, with nothing in its environment but what is given. */
import { spawn } from "node:child_process";
import { projectRoot } from "../../../support/shared";

/** What it wrote to its standard output until it ended. */
export async function outputOf(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, ["-e", script], { cwd: projectRoot, env, timeout: 10_000 });
  let output = "";
  child.stdout.on("data", (data) => (output += String(data)));
  await new Promise((resolve) => child.once("close", resolve));
  return output;
}
