/** The slots of a VM, with the bounds that PVE 8.4 enforces (its published schema only says `scsi[n]`). Pure. */
const DISK_SLOTS = { scsi: 31, virtio: 16, sata: 6, ide: 4 } as const;
const NIC_SLOTS = 32;

const SLOT = /^([a-z]+)(0|[1-9]\d?)$/;

export type DiskBus = keyof typeof DISK_SLOTS;

/** `scsi` of `scsi7`; `undefined` where the text names no disk slot of Proxmox. */
export function diskBus(slot: string): DiskBus | undefined {
  const [, bus, index] = SLOT.exec(slot) ?? [];
  if (bus === undefined || !(bus in DISK_SLOTS)) return undefined;
  return Number(index) < DISK_SLOTS[bus as DiskBus] ? (bus as DiskBus) : undefined;
}

/** Whether the text names one of `net0`-`net31`. */
export function isNicSlot(slot: string): boolean {
  const [, kind, index] = SLOT.exec(slot) ?? [];
  return kind === "net" && Number(index) < NIC_SLOTS;
}

export const DISK_SLOT_RULE = "slots are scsi0-scsi30, virtio0-virtio15, sata0-sata5 and ide0-ide3";
export const NIC_SLOT_RULE = "slots are net0-net31";
