/** Where things are: the checkout, and the git-ignored folder for all that the commands write. Paths only. */
import { join, resolve } from "node:path";

/** The checkout: compiled commands lie two folders below it. */
export const projectRoot = resolve(__dirname, "../..");

/** The lab's own files: its Proxmox, its Pulumi home, backend and configuration. */
export const labDirectory = join(projectRoot, ".infinity", "lab");
