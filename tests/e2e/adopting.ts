/** What `infinity adopt` does, with a world of a suite's own: forgetting what the stack knows, and taking it over again. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { engineConfig, providerEnv, stackConfig } from "../../cli/adopt/engineConfig";
import { takeOver, type TakeOver } from "../../cli/adopt/takeOver";
import { guestsLook, planOf } from "../../cli/guestsLook";
import { houseFrom } from "../../cli/readStack";
import { ensureEngine } from "../../engine/engine";
import { run } from "../../engine/run";
import { cloudsLook } from "../../providers/clouds/look";
import { projectRoot } from "../support/shared";
import type { World } from "./world";

export interface Outcome {
  readonly code: number;
  /** Without colours. */
  readonly said: string;
}

export interface Adopting {
  readonly pulumi: TakeOver["pulumi"];
  adopt(withDifferences?: boolean): Promise<Outcome>;
  /** The stack forgets those of its resources. */
  forget(which: (urn: string) => boolean): Promise<void>;
}

/** @param root of the checkout whose program and stacks it is. */
export async function adopting(world: World, root = projectRoot): Promise<Adopting> {
  const engine = await ensureEngine();
  const pulumi: TakeOver["pulumi"] = (args, env) =>
    run(join(engine.bin, "pulumi"), [...world.stack.arguments(args), "--non-interactive"], {
      cwd: root,
      env: { ...world.stack.env, ...env },
    });
  return {
    pulumi,
    adopt: async (withDifferences = false) => {
      const { house } = houseFrom(readFileSync(world.stack.configFile, "utf8"), "Pulumi.inside.yaml", () => undefined);
      const config = await stackConfig(pulumi);
      const look = guestsLook(providerEnv(config));
      const said: string[] = [];
      const code = await takeOver({
        ...{ house, withDifferences, pulumi },
        env: await engineConfig(pulumi),
        clouds: cloudsLook({}, {}),
        inside: { look, plan: planOf(house, config, root) },
        print: (line) => said.push(line),
      });
      return { code, said: stripVTControlCharacters(said.join("\n")) };
    },
    forget: async (which) => {
      const exported = JSON.parse(await world.pulumi(["stack", "export"])) as {
        deployment: { resources: { urn: string }[] };
      };
      exported.deployment.resources = exported.deployment.resources.filter(({ urn }) => !which(urn));
      const file = join(world.dir, "without.json");
      writeFileSync(file, JSON.stringify(exported));
      await world.pulumi(["stack", "import", "--file", file]);
    },
  };
}

/** Of what adopting said: what it left out, and why. */
export const leftOut = (said: string): string[] =>
  said.split("\n").flatMap((line) => /^left out: (.*)$/.exec(line)?.[1] ?? []);
