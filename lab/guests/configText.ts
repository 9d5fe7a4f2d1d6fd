/** The few property strings of a VM's configuration that decide what its machine is made of. Pure. */

/** `ip=10.0.0.2/24,gw=10.0.0.1` as an object; words without `=` are left out. */
export const parsePairs = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split(",")
      .filter((part) => part.includes("="))
      .map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]),
  );

/** MAC of a NIC's property string, in capitals, whatever its model is called. */
export const parseMac = (text: string): string =>
  (/(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}/.exec(text)?.[0] ?? "").toUpperCase();

/** Slots of disks, that is of drives that are none for CDs. */
export const diskSlots = (config: Readonly<Record<string, string>>): string[] =>
  Object.keys(config)
    .filter((key) => /^(ide|sata|scsi|virtio)\d+$/.test(key) && !/(?:^|,)media=cdrom/.test(config[key] ?? ""))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

/** The disk that the VM boots from: the first of its boot order that is one, else the first there is. */
export function bootDisk(config: Readonly<Record<string, string>>): string | undefined {
  const disks = diskSlots(config);
  const order = /(?:^|,)order=([^,]*)/.exec(config.boot ?? "")?.[1]?.split(";") ?? [];
  return order.find((slot) => disks.includes(slot)) ?? disks[0];
}

export const isAgentOn = ({ agent = "" }: Readonly<Record<string, string>>): boolean =>
  /^(1|on|yes|true)(,|$)|(?:^|,)enabled=(1|on|yes|true)(,|$)/.test(agent);

/** Whether it has a drive that Proxmox generates. */
export const hasCloudInit = (config: Readonly<Record<string, string>>): boolean =>
  Object.entries(config).some(
    ([key, value]) => /^(ide|sata|scsi|virtio)\d+$/.test(key) && value.split(",")[0]?.includes("cloudinit") === true,
  );
