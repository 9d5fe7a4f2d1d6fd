/**
 * What a VM gets that this resource creates, where the house doesn't say: what Proxmox's own wizard chooses, not the
 * API's defaults of an older time (an lsi controller, an unknown guest). Only on creation; later it is left as it is.
 */
export const createDefaults = { scsihw: "virtio-scsi-single", ostype: "l26" } as const;
