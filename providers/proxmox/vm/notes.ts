/** Sentences on what was edited in Proxmox and is not put back. Pure. */
export const grownNote = (slot: string, asked: string, found: string): string =>
  `disks.${slot}.size: ${asked}: the disk has ${found} by now and can't shrink - write ${found} in the house`;

export const movedNote = (slot: string, asked: string, found: string): string =>
  `disks.${slot}.storage: ${asked}: the volume is on ${found} by now - write ${found} in the house, or move it back in Proxmox`;
