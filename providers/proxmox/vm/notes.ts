/** Sentences on what was edited in Proxmox and is not put back. Pure. */
import type { VmMarks } from "./inputs";

export const grownNote = (slot: string, asked: string, found: string): string =>
  `disks.${slot}.size: ${asked}: the disk has ${found} by now and can't shrink - write ${found} in the house`;

export const movedNote = (slot: string, asked: string, found: string): string =>
  `disks.${slot}.storage: ${asked}: the volume is on ${found} by now - write ${found} in the house, or move it back in Proxmox`;

/** Edits of what the house does not name. @param marked recorded inputs, with the marks of the last look. */
export const unnamedNotes = ({ unnamed = {} }: Pick<VmMarks, "unnamed">): string[] =>
  Object.entries(unnamed).map(
    ([key, edit]) => `${key}: ${edit}: not in the house - left as it is, up takes note of it`,
  );
