/** The lab's stack: the house of Pulumi.lab.yaml on the running simulated Proxmox. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../engine/engine";
import type { Lab } from "../lab/daemon";
import { openStack, type Stack } from "../lab/stack";
import { labDirectory, projectRoot } from "./root";

const HYPERVISOR = ["config", "pulumi-nodejs:hypervisor"];

export function openLabStack(engine: Engine, lab: Pick<Lab, "url" | "fingerprint">): Promise<Stack> {
  return openStack({
    engine,
    root: projectRoot,
    dir: labDirectory,
    name: "lab",
    stackFile: readFileSync(join(projectRoot, "Pulumi.lab.yaml"), "utf8"),
    // The port may have been taken, and the certificate is made on this machine: the copy says what is.
    overrides: [
      [[...HYPERVISOR, "endpoint"], lab.url],
      [[...HYPERVISOR, "tls", "fingerprint"], lab.fingerprint],
    ],
  });
}
