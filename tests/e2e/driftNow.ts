/** `infinity drift` on a world's stack: its exit code and its model. */
import { readFileSync } from "node:fs";
import { drift } from "../../cli/drift/drift";
import type { DriftReport } from "../../cli/drift/report";
import { houseFrom, readStackFile } from "../../cli/readStack";
import type { World } from "./world";

export async function driftNow(world: World): Promise<{ code: number; report: DriftReport }> {
  const { name: stack, configFile } = world.stack;
  const { house } = houseFrom(readFileSync(configFile, "utf8"), `Pulumi.${stack}.yaml`, readStackFile);
  const pulumi = async (args: readonly string[]) => ({ code: 0, stdout: await world.pulumi(args), stderr: "" });
  const printed: string[] = [];
  const code = await drift({ stack, house, format: "json", pulumi, print: (text) => printed.push(text) });
  return { code, report: JSON.parse(printed.join("")) as DriftReport };
}
