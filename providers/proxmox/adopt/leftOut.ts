/** What a description of a VM leaves out, and why: for the person who reads it. Pure. */

export interface LeftOut {
  /** Proxmox's key, or the house's property: `hostpci0`, `scsi0`, `cloudInit`. */
  readonly key: string;
  /** As Proxmox has it; never a secret's. */
  readonly value?: string;
  readonly why: string;
}

const STAYS = "the house has no word for it, it stays as it is";

/** By key, the first that fits. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^hostpci\d+$/, "a PCI device of the host handed through; it stays"],
  [/^usb\d+$/, "a USB device handed through; it stays"],
  [/^(serial|parallel)\d+$/, "a port of the VM; it stays"],
  [/^virtiofs\d+$/, "a folder of the host handed through; it stays"],
  [/^unused\d+$/, "a volume that no slot uses; it stays where it is"],
  [/^(efidisk0|tpmstate0)$/, "the firmware's own volume; it stays"],
  [/^(args|hookscript|affinity|hugepages|keephugepages|ivshmem|amd-sev)$/, "only root may set it; it stays as it is"],
  [/^lock$/, "a job of Proxmox holds the VM; it ends by itself"],
  [/^parent$/, "it has snapshots, this is the latest; they stay"],
  [/^bootdisk$/, "the old form of a boot order; it stays as it is"],
  [/^cipassword$/, "a password that can't be read; it stays as it is"],
  [/^(ci[a-z]+|ipconfig\d+|nameserver|searchdomain|sshkeys)$/, "a cloud-init setting that stays as it is"],
];

/** The server's own bookkeeping: nobody asked for it. */
const SILENT =
  /^(digest|meta|vmgenid|snaptime|snapstate|vmstate|runningmachine|runningcpu|running-nets-host-mtu|template)$/;

/** `undefined` where nothing need be said. */
export function unworded(key: string, value: string): LeftOut | undefined {
  if (SILENT.test(key) || value.trim() === "") return undefined;
  const why = REASONS.find(([pattern]) => pattern.test(key))?.[1] ?? STAYS;
  return key === "cipassword" ? { key, why } : { key, value, why };
}

/** Options of one key that the house has no word for; said with the key, which is described without them. */
export function unwordedOptions(
  key: string,
  options: Readonly<Record<string, string>>,
  worded: readonly string[],
): LeftOut[] {
  const rest = Object.entries(options).filter(([name]) => !worded.includes(name));
  if (rest.length === 0) return [];
  return [{ key, value: rest.map(([name, value]) => `${name}=${value}`).join(","), why: STAYS }];
}
