/** The lab's stack: the house of Pulumi.lab.yaml on the simulated Proxmox and clouds in the background. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine/engine";
import { startLab, type LabStatus } from "../lab/daemon";
import type { GuestsKind, LabRecord } from "../lab/folder";
import { labOverrides } from "../lab/overrides";
import { openStack, type Stack } from "../lab/stack";
import { labProxmox, labStackDirectory, projectRoot } from "./root";

/** The ports that Pulumi.lab.yaml names; where one is taken, the lab takes another and the stack's copy says so. */
const PORTS = { port: 18006, cloudsPort: 18007 };

/** @param guests as they were the last time where left out */
export const startTheLab = (guests?: GuestsKind): Promise<LabStatus & { readonly record: LabRecord }> =>
  startLab({ dir: labProxmox, ...PORTS, guests });

export function openLabStack(engine: Engine, record: LabRecord): Promise<Stack> {
  return openStack({
    engine,
    root: projectRoot,
    dir: labStackDirectory,
    name: "lab",
    stackFile: readFileSync(join(projectRoot, "Pulumi.lab.yaml"), "utf8"),
    overrides: labOverrides(record),
    say: console.error,
  });
}
