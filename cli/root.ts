/** Where things are: the checkout, and the git-ignored folders for all that the commands write. Paths only. */
import { join, resolve } from "node:path";

/** The checkout: compiled commands lie two folders below it. */
export const projectRoot = resolve(__dirname, "../..");

const labDirectory = join(projectRoot, ".infinity", "lab");

/** The simulated Proxmox: its record, log and world. */
export const labProxmox = join(labDirectory, "proxmox");

/** The lab's stack: Pulumi home, backend and configuration copy. */
export const labStackDirectory = join(labDirectory, "stack");

/** The same of the stack that is acted on while the lab's guests are real. */
export const realStackDirectory = join(labDirectory, "stack-real");

/** The private key that the lab's real guests let in. */
export const realGuestsKey = join(labProxmox, "guests-key");
