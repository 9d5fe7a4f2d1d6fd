/** What was made, as a tree for the terminal. Pure. */
import treeify from "object-treeify";
import type { Made, MadeService, MadeStorage, MadeTunnel, MadeVm } from "./made";

interface Branch {
  readonly [label: string]: Branch | null;
}

const leaves = (lines: readonly string[]): Branch => Object.fromEntries(lines.map((line) => [line, null]));

/** `key  value` lines, the values below one another. */
function columns(entries: readonly (readonly [key: string, text: string])[]): Branch {
  const width = Math.max(0, ...entries.map(([key]) => key.length));
  return leaves(entries.map(([key, text]) => `${key.padEnd(width)}  ${text}`));
}

/** Storages, VMs by VMID with their figures, disks and what waits for a reboot; the tunnel and its names; what is not known. */
export function renderTree({ hypervisor, storages, vms, tunnel, names, notKnown }: Made): string {
  const pools = storages.map((storage) => [storage.storage, storageText(storage)] as const);
  return treeify({
    [`${hypervisor.node}  ${hypervisor.endpoint}`]: {
      storages: columns(pools.sort(([a], [b]) => a.localeCompare(b))),
      VMs: Object.fromEntries(vms.map((vm) => [vmText(vm), { ...leaves(vmLines(vm)), ...servicesOf(vm) }])),
      ...(tunnel && { "tunnel's server": leaves(tunnelLines(tunnel)) }),
      ...(names.length > 0 && { names: columns(names) }),
      ...(notKnown.length > 0 && { "not known": leaves(notKnown) }),
    },
  });
}

const tunnelLines = ({ name, address, size, image, region }: MadeTunnel): string[] => [
  `${name}  ${address}`,
  `${size}, ${image}, ${region}`,
];

function storageText(storage: MadeStorage): string {
  switch (storage.type) {
    case "dir":
      return `dir ${storage.path}`;
    case "lvmthin":
      return `lvmthin ${storage.volumeGroup}/${storage.thinPool}`;
    case "nfs":
      return `nfs ${storage.server}:${storage.export}`;
  }
}

const vmText = ({ vmid, name, status, address }: MadeVm): string =>
  [vmid, name, status, address].filter((part) => part !== undefined).join("  ");

/** `3 up`, or what is wrong with which container. */
function stateText({ states }: MadeService): string {
  const wrong = Object.entries(states).filter(([, state]) => state !== "up" && state !== "completed");
  if (wrong.length > 0) return wrong.map(([name, state]) => `${name} ${state}`).join(", ");
  const count = Object.keys(states).length;
  return count === 1 ? "up" : `${count} up`;
}

const servicesOf = ({ services }: MadeVm): Branch =>
  services.length === 0
    ? {}
    : {
        services: columns(services.map((service) => [service.name, [stateText(service), ...service.urls].join("  ")])),
      };

function vmLines({ cpu, memory, balloon, disks, pending }: MadeVm): string[] {
  const cores = cpu && [`${cpu.cores * (cpu.sockets ?? 1)} cores`, cpu.type].filter(Boolean).join(" ");
  const ram = balloon === undefined ? memory : `${memory}, ${balloon} at least`;
  return [
    [cores, ram].filter((part) => part !== undefined).join(", "),
    ...Object.entries(disks).map(([slot, disk]) =>
      "path" in disk ? `${slot}  the host's ${disk.path}` : `${slot}  ${disk.size} on ${disk.storage}`,
    ),
    ...(pending.length > 0 ? [`waits for a reboot: ${pending.join(", ")}`] : []),
  ];
}
