/** The lab's stack: the house of Pulumi.lab.yaml on the simulated Proxmox and clouds in the background. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine/engine";
import { startLab, type LabStatus } from "../lab/daemon";
import type { GuestsKind, LabRecord } from "../lab/folder";
import { guestsOfHouse } from "../lab/guest/ofHouse";
import { labOverrides } from "../lab/overrides";
import { openStack, type Stack } from "../lab/stack";
import { pendingClouds } from "./pendingClouds";
import { labProxmox, labStackDirectory, projectRoot } from "./root";

/** The ports that Pulumi.lab.yaml names; where one is taken, the lab takes another and the stack's copy says so. */
const PORTS = { port: 18006, cloudsPort: 18007, sshPort: 18022 };

const stackFile = (): string => readFileSync(join(projectRoot, "Pulumi.lab.yaml"), "utf8");

/** @param guests as they were the last time where left out */
export function startTheLab(guests?: GuestsKind): Promise<LabStatus & { readonly record: LabRecord }> {
  const read = (file: string) => {
    const path = join(projectRoot, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  return startLab({ dir: labProxmox, ...PORTS, guests, inside: guestsOfHouse(stackFile(), read) });
}

/** @param repeats whether an `up` follows. @default true */
export function openLabStack(engine: Engine, record: LabRecord, repeats?: boolean): Promise<Stack> {
  return openStack({
    engine,
    root: projectRoot,
    dir: labStackDirectory,
    name: "lab",
    stackFile: stackFile(),
    overrides: labOverrides(record),
    say: console.error,
    repeats,
    resolver: (ask) => pendingClouds(ask, {}),
  });
}
