/**
 * Where recorded data of a real Proxmox lies, for tests that hold the code against it. It is no part of the project:
 * beside the checkout (`../shared`), or where INFINITY_SHARED says. Reads the file system only.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** The checkout: compiled tests lie three folders below it. */
export const projectRoot = resolve(__dirname, "../../..");

/** The path of a shared file, or `undefined` where it is absent: such a test skips and says so. */
export function sharedPath(relative: string): string | undefined {
  const path = resolve(process.env.INFINITY_SHARED ?? resolve(projectRoot, "../shared"), relative);
  return existsSync(path) ? path : undefined;
}
