/**
 * The lab's stack, on the simulated Proxmox and clouds in the background: the house of Pulumi.lab.yaml, or that of
 * Pulumi.real.yaml while the guests are real.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stackFolders } from "../components/stackFolders";
import type { Engine } from "../engine/engine";
import { startLab, type LabStatus } from "../lab/daemon";
import type { GuestsKind, LabRecord } from "../lab/folder";
import { guestsOfHouse } from "../lab/guest/ofHouse";
import type { ServingGuests } from "../lab/guest/guests";
import { realGuestsOf } from "../lab/guests/ofHouse";
import { forwardTo } from "../lab/guests/ports";
import { labOverrides, realOverrides } from "../lab/overrides";
import { publicLine } from "../lab/ssh/keys";
import { openStack, type Override, type Stack } from "../lab/stack";
import { pendingClouds } from "./pendingClouds";
import { labProxmox, labStackDirectory, projectRoot, realGuestsKey, realStackDirectory } from "./root";

/** The ports that Pulumi.lab.yaml names; where one is taken, the lab takes another and the stack's copy says so. */
const PORTS = { port: 18006, cloudsPort: 18007, sshPort: 18022 };

const SSH = 22;

interface LabHouse {
  /** Of the stack, and of its file. */
  readonly name: string;
  readonly dir: string;
  readonly overrides: (record: LabRecord) => Promise<readonly Override[]>;
}

/** By what is behind the VMs. */
const HOUSES: Readonly<Record<GuestsKind, LabHouse>> = {
  simulated: { name: "lab", dir: labStackDirectory, overrides: (record) => Promise.resolve(labOverrides(record)) },
  qemu: {
    name: "real",
    dir: realStackDirectory,
    overrides: async (record) => [...labOverrides(record), ...realOverrides(stackFile("real"), await accessTo(record))],
  },
};

const stackFile = (name: string): string => readFileSync(join(projectRoot, `Pulumi.${name}.yaml`), "utf8");

const realHouse = () => realGuestsOf(stackFile("real"), stackFolders(join(projectRoot, "stacks")));

/** How real guests are reached, also before their VMs are there. */
async function accessTo(record: LabRecord): Promise<ServingGuests> {
  const ways = Object.entries(realHouse().addresses).map(
    async ([name, address]) => [name, await forwardTo(labProxmox, record, address, SSH)] as const,
  );
  const { key } = record.ssh;
  return { key, publicKey: publicLine(key), ports: Object.fromEntries(await Promise.all(ways)) };
}

/** @param guests as they were the last time where left out */
export function startTheLab(guests?: GuestsKind): Promise<LabStatus & { readonly record: LabRecord }> {
  const read = (file: string) => {
    const path = join(projectRoot, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const { standIns, nas } = realHouse();
  return startLab({
    dir: labProxmox,
    ...PORTS,
    guests,
    inside: guestsOfHouse(stackFile("lab"), read),
    real: { standIns, ...(nas && { nas }) },
  });
}

/** @param repeats whether an `up` follows. @default true */
export async function openLabStack(engine: Engine, record: LabRecord, repeats?: boolean): Promise<Stack> {
  const { name, dir, overrides } = HOUSES[record.guests ?? "simulated"];
  if (record.guests === "qemu") writeFileSync(realGuestsKey, record.ssh.key, { mode: 0o600 });
  return openStack({
    engine,
    root: projectRoot,
    dir,
    name,
    stackFile: stackFile(name),
    overrides: await overrides(record),
    say: console.error,
    repeats,
    resolver: (ask) => pendingClouds(ask, {}),
  });
}
