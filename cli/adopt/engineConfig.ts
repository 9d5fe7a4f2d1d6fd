/** What the engine would hand to a provider process, encrypted values in clear: for looking with the stack's own credentials. */
import { z } from "zod";
import type { TakeOver } from "./takeOver";

const Config = z.record(z.string(), z.object({ value: z.string().optional() }));

const NAMESPACE = "pulumi-nodejs:";

/** Whether a credential stands encrypted in the stack file, and none of the environment wins over it. */
export function needsEngine(sections: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv): boolean {
  if (env.PROXMOX_VE_API_TOKEN || env.PROXMOX_VE_PASSWORD) return false;
  const { apiToken, password } = (sections.hypervisor ?? {}) as Record<string, unknown>;
  return [apiToken, password].some((value) => typeof value === "object" && value !== null);
}

/** By key with its namespace. @throws Error with the engine's own words: no such stack, no passphrase. */
export async function stackConfig(pulumi: TakeOver["pulumi"]): Promise<Readonly<Record<string, string>>> {
  const { code, stdout, stderr } = await pulumi(["config", "--show-secrets", "--json"], {});
  // Its standard output may hold secrets, whatever the end.
  if (code !== 0) throw new Error(`the stack's configuration can't be read: ${stderr.trim()}`);
  const entries = Object.entries(Config.parse(JSON.parse(stdout)));
  return Object.fromEntries(entries.flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value]])));
}

/** @param config of the stack, secrets in clear. */
export function providerEnv(config: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(config).filter(([key]) => key.startsWith(NAMESPACE));
  const values = Object.fromEntries(own.map(([key, value]) => [key.slice(NAMESPACE.length), value]));
  return { ...process.env, PULUMI_CONFIG: JSON.stringify(values) };
}

/** @throws as {@link stackConfig} */
export const engineConfig = async (pulumi: TakeOver["pulumi"]): Promise<NodeJS.ProcessEnv> =>
  providerEnv(await stackConfig(pulumi));
