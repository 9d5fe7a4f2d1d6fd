/**
 * `infinity doctor`: tries every endpoint and credential of a house side by side, each bounded in time, and says what
 * works, what doesn't, and what to do. Changes nothing anywhere.
 */
import type { House } from "../../house/schema";
import { providerEnv } from "../adopt/engineConfig";
import { providerEnvironment } from "../readStack";
import type { Sections } from "../../house/load";
import { checkCloudflare } from "./cloudflareChecks";
import { checkDigitalocean } from "./digitaloceanChecks";
import { checkEngine, type EngineChecks } from "./engineChecks";
import { checkProxmox } from "./proxmoxChecks";
import { checkSsh } from "./sshChecks";
import { render, type Format } from "./render";
import { exitCode, type DoctorReport } from "./report";

export interface Doctor extends EngineChecks {
  readonly house: House;
  /** As the stack's file has them: what is used of it where the engine can't read the configuration. */
  readonly sections: Sections;
  readonly format: Format;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds for each thing that is asked. @default 8 000 */
  readonly timeoutMs?: number;
  readonly print: (text: string) => void;
}

export async function examine(asked: Doctor): Promise<DoctorReport> {
  const { stack, house, sections, env, timeoutMs = 8_000 } = asked;
  const { findings, config } = await checkEngine(asked);
  const provider = config === undefined ? providerEnvironment(sections) : providerEnv(config);
  const common = { stack, house, timeoutMs };
  const inside = { ...env, PULUMI_CONFIG: provider.PULUMI_CONFIG };
  const found = await Promise.all([
    checkProxmox({ ...common, env: inside }),
    checkSsh({ ...common, env: inside }),
    checkDigitalocean({ ...common, config, env }),
    checkCloudflare({ ...common, config, env }),
  ]);
  return { stack, findings: [...findings, ...found.flat()] };
}

/** @returns the exit code: 0 all is fine, 1 something is wrong or could not be tried. */
export async function doctor(asked: Doctor): Promise<number> {
  const report = await examine(asked);
  asked.print(render(report, asked.format));
  return exitCode(report);
}
