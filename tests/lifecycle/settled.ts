/** What must hold once a run went well, whatever happened before it. Looks at the simulated Proxmox itself. */
import type { World } from "../../lab/proxmox/world";
import { drivesOf } from "../../providers/proxmox/vm/fromApi";

const UNUSED = /^unused\d+$/;

/** Volumes that a VM refers to, waiting ones and detached ones included. */
function referred({ vms }: World): string[] {
  return Object.values(vms).flatMap(({ config, pending }) =>
    [config, pending].flatMap((keys) =>
      Object.entries(keys).flatMap(([key, value]) =>
        UNUSED.test(key) || /^(scsi|virtio|sata|ide)\d+$/.test(key) ? [value.split(",")[0] ?? ""] : [],
      ),
    ),
  );
}

/** Volumes that no VM refers to, and references to volumes that there are not. */
export function stray(world: World): { readonly orphans: string[]; readonly lost: string[] } {
  const known = new Set(referred(world));
  const volumes = Object.values(world.volumes).filter(({ content }) => content === "images");
  return {
    orphans: volumes.map(({ volid }) => volid).filter((volid) => !known.has(volid)),
    lost: [...known].filter((volume) => volume !== "none" && !volume.startsWith("/") && !world.volumes[volume]),
  };
}

const GIVEN_OUT = /^(meta|vmgenid|digest)$/;
const withoutMac = (text: string): string => text.replace(/=BC:24:11(:[0-9A-F]{2}){3}/, "");

/** All that two worlds have in common where the same house was made in both: no times, MACs and task names. */
export function portrait({ vms, volumes, storages }: World): object {
  const machines = Object.entries(vms).map(([vmid, { config, pending, deletes, running }]) => [
    vmid,
    {
      config: Object.fromEntries(
        Object.entries(config)
          .filter(([key]) => !GIVEN_OUT.test(key))
          .map(([key, value]) => [key, /^net\d+$/.test(key) ? withoutMac(value) : value])
          .sort(([a = ""], [b = ""]) => a.localeCompare(b)),
      ) as object,
      pending,
      deletes,
      running: running !== undefined,
      disks: Object.keys(drivesOf(config)).length,
    },
  ]);
  const sizes = Object.values(volumes).map(({ volid, size, vmid }) => [volid, size, vmid]);
  return { machines: Object.fromEntries(machines) as object, volumes: sizes.sort(), storages };
}
