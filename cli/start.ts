/** The main job, shown: the whole house up in the lab, and nothing left to change. */
import pc from "picocolors";
import { ensureEngine } from "../engine/engine";
import type { Stack } from "../lab/stack";
import { madeOf } from "./made";
import { openLabStack, startTheLab } from "./labStack";
import { resourceCounts, resourceLines } from "./progress";
import { step } from "./steps";
import { renderTree } from "./tree";

export async function start(): Promise<void> {
  const engine = await step("Pulumi engine", ensureEngine, ({ version, source }) => `${version}, ${source}`);
  const lab = await step(
    "Lab: a simulated Proxmox VE on this machine",
    startTheLab,
    ({ record, log }) => `${record.url}, log in ${log}`,
  );
  const stack = await openLabStack(engine, lab.record);
  const onOutput = resourceLines(console.log);
  await step("pulumi up", () => must(stack, ["up", "--yes", "--skip-preview"], onOutput), resourceCounts);
  await step(
    "pulumi preview --refresh",
    () => must(stack, ["preview", "--refresh", "--expect-no-changes"]),
    () => "nothing left to change",
  );
  const made = madeOf(JSON.parse(await must(stack, ["stack", "export"])));
  console.log(`\n${renderTree(made)}\n\n${next}`);
}

const command = (text: string) => `    ${pc.cyan(text)}`;

const next = [
  pc.bold("Three things to try"),
  "  1. Give a VM more memory in Pulumi.prod.yaml, see what would change, and do it:",
  command("npx infinity lab pulumi preview --diff"),
  command("npx infinity lab pulumi up"),
  "  2. See that nobody changed a thing by hand:",
  command("npx infinity lab pulumi refresh --preview-only"),
  '  3. Describe your own house: README.md, "Your own house".',
  "",
].join("\n");

/** @throws with the engine's own output where it fails. */
async function must(stack: Stack, args: readonly string[], onOutput?: (text: string) => void): Promise<string> {
  const { code, stdout, stderr } = await stack.run(args, { onOutput });
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with exit code ${code}\n${stdout}${stderr}`);
  return stdout;
}
