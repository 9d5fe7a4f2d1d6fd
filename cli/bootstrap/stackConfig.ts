/** Writes what bootstrapping made into a stack's configuration, by the engine. A secret goes over standard input. */
import type { RunOptions, RunResult } from "../../engine/run";

/** Runs `pulumi ARGS` on the stack, with this standard input. */
export type Pulumi = (args: readonly string[], options?: Pick<RunOptions, "input">) => Promise<RunResult>;

const KEY = "pulumi-nodejs:hypervisor";

/** Whether the stack is there, and the login to its backend. @throws Error with the engine's words */
export const openConfig = async (pulumi: Pulumi): Promise<void> => {
  await must(pulumi(["config", "--json"]), "the stack can't be opened");
};

export async function storeToken(pulumi: Pulumi, token: string): Promise<void> {
  const args = ["config", "set", "--secret", "--path", `${KEY}.apiToken`];
  await must(pulumi(args, { input: token }), "the token could not be stored");
}

export async function storeFingerprint(pulumi: Pulumi, fingerprint: string): Promise<void> {
  const args = ["config", "set", "--path", `${KEY}.tls.fingerprint`, fingerprint];
  await must(pulumi(args), "the fingerprint could not be stored");
}

async function must(run: Promise<RunResult>, what: string): Promise<void> {
  const { code, stderr } = await run;
  // Its standard output may hold secrets, whatever the end.
  if (code !== 0) throw new Error(`${what}: ${stderr.trim()}`);
}
