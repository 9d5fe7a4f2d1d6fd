/** Disks stand on storages that can hold them, in slots that are free, with options that their bus has. Pure. */
import type { Problem } from "../../values/problem";
import type { Draft, DraftVm, HouseStorage, VmDisk } from "../schema";

/** Storage ids as people wrote them: one whose section has a problem of its own is declared all the same. */
type Declared = readonly string[] | undefined;

function placeProblems(storages: Draft["storages"], declared: Declared, path: string, id: string): Problem[] {
  // Without the section, storages are Proxmox's own business.
  if (!declared) return [];
  if (!declared.includes(id)) {
    const known = declared.length > 0 ? `: ${declared.join(", ")}` : "";
    return [
      { path, value: id, rule: "is no storage of the house", fix: `take one of its storages${known}; or add it` },
    ];
  }
  const content: HouseStorage["content"] = storages?.[id]?.content;
  if (!content || content.includes("images")) return [];
  const rule = `the storage holds ${content.join(", ")} and no disks of VMs`;
  return [{ path, value: id, rule, fix: `take another storage, or add images to storages.${id}.content` }];
}

/** Which options which bus lacks (PVE 8.4: such a drive can't be parsed). */
const LACKING = { ssd: ["virtio"], iothread: ["ide", "sata"], readOnly: ["ide", "sata"] } as const;

function busProblems(path: string, slot: string, disk: VmDisk): Problem[] {
  const bus = slot.replace(/\d+$/, "");
  return (Object.keys(LACKING) as (keyof typeof LACKING)[]).flatMap((option) => {
    const lacking: readonly string[] = LACKING[option];
    if (disk[option] === undefined || !lacking.includes(bus)) return [];
    const rule = `Proxmox has no ${option} on ${bus} disks`;
    return [{ path: `${path}.${option}`, value: String(disk[option]), rule, fix: `take it out, or use a scsi slot` }];
  });
}

function bootProblems(path: string, vm: DraftVm): Problem[] {
  const slots = [...Object.keys(vm.disks ?? {}), ...Object.keys(vm.nics), ...(vm.cloudInit ? [vm.cloudInit.slot] : [])];
  return (vm.boot ?? []).flatMap((slot, index) => {
    const fix = `name slots that it has: ${slots.join(", ")}`;
    const at = `${path}.boot.${index}`;
    if (!slots.includes(slot)) return [{ path: at, value: slot, rule: "the VM has no such device", fix }];
    return vm.boot?.indexOf(slot) === index
      ? []
      : [{ path: at, value: slot, rule: "is named twice", fix: "name it once" }];
  });
}

function vmProblems(storages: Draft["storages"], declared: Declared, path: string, vm: DraftVm): Problem[] {
  const { cloudInit } = vm;
  const clash = cloudInit && Object.keys(vm.disks ?? {}).includes(cloudInit.slot);
  return [
    ...Object.entries(vm.disks ?? {}).flatMap(([slot, disk]) => [
      ...(disk.physical ? [] : placeProblems(storages, declared, `${path}.disks.${slot}.storage`, disk.storage)),
      ...busProblems(`${path}.disks.${slot}`, slot, disk),
    ]),
    ...(cloudInit ? placeProblems(storages, declared, `${path}.cloudInit.storage`, cloudInit.storage) : []),
    ...(clash
      ? [
          {
            path: `${path}.disks.${cloudInit.slot}`,
            value: cloudInit.slot,
            rule: "the slot is the cloud-init drive's already",
            fix: "take another slot for the disk, or set cloudInit.slot",
          },
        ]
      : []),
    ...bootProblems(path, vm),
  ];
}

export function diskProblems(draft: Draft, declared: Declared): Problem[] {
  return Object.entries(draft.vms ?? {}).flatMap(([name, vm]) =>
    vmProblems(draft.storages, declared, `vms.${name}`, vm),
  );
}
