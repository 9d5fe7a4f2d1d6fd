/** `infinity drift`: reads a stack's state and configuration by the engine, looks, and prints. Changes nothing anywhere. */
import type { RunResult } from "../../engine/run";
import { guestParts } from "../../components/guestParts";
import type { House } from "../../house/schema";
import { cloudsLook } from "../../providers/clouds/look";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import { providerEnv, stackConfig } from "../adopt/engineConfig";
import { guestsLook, planOf } from "../guestsLook";
import { lookForDrift } from "./look";
import { recordedResources } from "./recorded";
import { render, type Format } from "./render";
import { exitCode } from "./report";

export interface Drift {
  readonly stack: string;
  readonly house: House;
  readonly format: Format;
  /** Runs `pulumi ARGS` on the stack. */
  readonly pulumi: (args: readonly string[]) => Promise<RunResult>;
  readonly print: (text: string) => void;
}

/** @returns the exit code: 0 no drift, 7 drift, 1 something could not be checked. */
export async function drift({ stack, house, format, pulumi, print }: Drift): Promise<number> {
  const { code, stdout, stderr } = await pulumi(["stack", "export", "--show-secrets"]);
  // Its standard output may hold secrets, whatever the end.
  if (code !== 0) throw new Error(`the stack's state can't be read: ${stderr.trim()}`);
  const config = await stackConfig((args) => pulumi(args));
  const parts = guestParts(house, planOf(house, config).stacks);
  const env = providerEnv(config);
  const client = connect(connectionFrom(env));
  const look = guestsLook(env);
  const clouds = cloudsLook(config, process.env);
  try {
    const report = await lookForDrift({
      stack,
      house,
      client,
      clouds,
      inside: { look, parts },
      ...recordedResources(stdout),
    });
    print(render(report, format));
    return exitCode(report);
  } finally {
    await Promise.all([client.close(), look.close()]);
  }
}
