/**
 * The lab's stack, on the simulated Proxmox and clouds in the background: the house of Pulumi.lab.yaml, or that of
 * Pulumi.real.yaml while the guests are real.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine/engine";
import { startLab, type LabStatus } from "../lab/daemon";
import type { GuestsKind, LabRecord } from "../lab/folder";
import { guestsOfHouse } from "../lab/guest/ofHouse";
import { labOverrides, realOverrides } from "../lab/overrides";
import { publicLine } from "../lab/ssh/keys";
import { openStack, type Override, type Stack } from "../lab/stack";
import { pendingClouds } from "./pendingClouds";
import { labProxmox, labStackDirectory, projectRoot, realGuestsKey, realStackDirectory } from "./root";

/** The ports that Pulumi.lab.yaml names; where one is taken, the lab takes another and the stack's copy says so. */
const PORTS = { port: 18006, cloudsPort: 18007, sshPort: 18022 };

interface LabHouse {
  /** Of the stack, and of its file. */
  readonly name: string;
  readonly dir: string;
  readonly overrides: (record: LabRecord) => readonly Override[];
}

/** By what is behind the VMs. */
const HOUSES: Readonly<Record<GuestsKind, LabHouse>> = {
  simulated: { name: "lab", dir: labStackDirectory, overrides: labOverrides },
  qemu: {
    name: "real",
    dir: realStackDirectory,
    overrides: (record) => [...labOverrides(record), ...realOverrides(stackFile("real"), publicLine(record.ssh.key))],
  },
};

const stackFile = (name: string): string => readFileSync(join(projectRoot, `Pulumi.${name}.yaml`), "utf8");

/** @param guests as they were the last time where left out */
export function startTheLab(guests?: GuestsKind): Promise<LabStatus & { readonly record: LabRecord }> {
  const read = (file: string) => {
    const path = join(projectRoot, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  return startLab({ dir: labProxmox, ...PORTS, guests, inside: guestsOfHouse(stackFile("lab"), read) });
}

/** @param repeats whether an `up` follows. @default true */
export function openLabStack(engine: Engine, record: LabRecord, repeats?: boolean): Promise<Stack> {
  const { name, dir, overrides } = HOUSES[record.guests ?? "simulated"];
  if (record.guests === "qemu") writeFileSync(realGuestsKey, record.ssh.key, { mode: 0o600 });
  return openStack({
    engine,
    root: projectRoot,
    dir,
    name,
    stackFile: stackFile(name),
    overrides: overrides(record),
    say: console.error,
    repeats,
    resolver: (ask) => pendingClouds(ask, {}),
  });
}
