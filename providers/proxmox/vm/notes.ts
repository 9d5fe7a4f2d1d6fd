/** Sentences on what was edited in Proxmox and is not put back. Pure. */
export const grownNote = (slot: string, asked: string, found: string): string =>
  `disks.${slot}.size: ${asked}: the disk has ${found} by now and can't shrink - write ${found} in the house`;
