/** The files of a machine: disks over the image, and the cloud-init CD. Runs qemu-img and genisoimage in one folder. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../../engine/tool";
import type { Drive } from "./commandLine";
import { bootDisk, diskSlots } from "./configText";
import type { MachineSpec } from "../proxmox/machines";

const TOOL_MS = 60_000;

/** Where a VM's disks lie, the one to boot from first. */
export function driveFiles(dir: string, { config, disks }: MachineSpec): Drive[] {
  const boot = bootDisk(config);
  return diskSlots(config)
    .filter((slot) => (disks[slot] ?? 0) > 0)
    .sort((a, b) => Number(b === boot) - Number(a === boot))
    .map((slot) => ({ slot, file: join(dir, `${slot}.qcow2`) }));
}

/** Makes the disks that are not there yet. The one to boot from, and it alone, has the image's system. */
export async function ensureDisks(drives: readonly Drive[], { disks }: MachineSpec, image: string): Promise<void> {
  for (const [index, { slot, file }] of drives.entries()) {
    const backing = index === 0 ? ["-b", image, "-F", "qcow2"] : [];
    const bytes = await sizeFor(disks[slot] ?? 0, index === 0 ? image : undefined);
    if (existsSync(file)) await grow(file, bytes);
    else
      await runTool("qemu-img", ["create", "-q", "-f", "qcow2", ...backing, file, String(bytes)], { timeout: TOOL_MS });
  }
}

async function virtualSize(file: string): Promise<number> {
  const told = await runTool("qemu-img", ["info", "--output=json", file], { timeout: TOOL_MS });
  return (JSON.parse(told) as { "virtual-size": number })["virtual-size"];
}

/** A disk smaller than the system on it would be cut off. */
const sizeFor = async (bytes: number, image: string | undefined): Promise<number> =>
  image === undefined ? bytes : Math.max(bytes, await virtualSize(image));

/** A disk that was grown since the last start. Never smaller: there are data on it. */
async function grow(file: string, bytes: number): Promise<void> {
  if ((await virtualSize(file)) >= bytes) return;
  await runTool("qemu-img", ["resize", "-q", "-f", "qcow2", file, String(bytes)], { timeout: TOOL_MS });
}

/** Writes the cloud-init CD anew, as Proxmox does at each start. @returns its path */
export async function writeCd(dir: string, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = join(dir, "cloud-init");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content, { mode: 0o600 });
  const cd = join(dir, "cloud-init.iso");
  await runTool("genisoimage", ["-quiet", "-iso-level", "3", "-R", "-V", "cidata", "-o", cd, folder], {
    timeout: TOOL_MS,
  });
  return cd;
}
