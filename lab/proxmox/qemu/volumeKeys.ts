/** Names of a VM's device slots and their bounds (PVE 8.4). Pure. */

const BOUNDS = { ide: 4, sata: 6, scsi: 31, virtio: 16 } as const;

const indexed = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

export const DISK_KEYS: readonly string[] = [
  ...indexed("ide", BOUNDS.ide),
  ...indexed("scsi", BOUNDS.scsi),
  ...indexed("virtio", BOUNDS.virtio),
  ...indexed("sata", BOUNDS.sata),
  "efidisk0",
  "tpmstate0",
];
const DISK_SET = new Set(DISK_KEYS);

export const isDisk = (key: string): boolean => DISK_SET.has(key);
export const isUnused = (key: string): boolean => /^unused\d+$/.test(key);
export const isNet = (key: string): boolean => /^net\d+$/.test(key);
export const keysOf = indexed;
