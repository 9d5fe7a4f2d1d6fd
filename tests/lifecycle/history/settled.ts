/** What must hold after an `up`, whatever came before it. Looks at the simulated Proxmox itself, not through the provider. */
import type { VmSpec } from "../../../providers/proxmox/vm/args";
import { stray } from "../settled";
import { configOf, gibOf, vmidOf, type Model, type Name, type Real } from "./model";

const mib = (size: string): string => String(Number.parseInt(size) * (size.endsWith("GiB") ? 1024 : 1));

function vmProblems(model: Model, { bench }: Real, name: Name, spec: VmSpec): string[] {
  const { world } = bench.proxmox;
  const vmid = vmidOf(name);
  const config = configOf(world, name);
  if (config === undefined) return [`VM ${vmid} is not there`];
  const problems: string[] = [];
  const same = (what: string, found: string | boolean | undefined, wanted: string | boolean | undefined): void => {
    if (wanted !== undefined && found !== wanted)
      problems.push(`VM ${vmid} ${what}: ${String(found)} instead of ${String(wanted)}`);
  };
  same("name", config.name, spec.name);
  same("memory", config.memory, mib(spec.memory));
  same("cores", config.cores, String(spec.cpu?.cores ?? ""));
  same("tags", config.tags, spec.tags && [...spec.tags].sort().join(";"));
  same("power", world.vms[vmid]?.running === undefined ? "stopped" : "running", spec.power);
  for (const slot of Object.keys(spec.nics ?? {})) same(slot, config[slot]?.includes("bridge=vmbr0"), true);
  for (const [slot, disk] of Object.entries(spec.disks ?? {})) {
    const text = config[slot];
    if (text === undefined || !("size" in disk)) problems.push(`VM ${vmid} ${slot}: not there`);
    else {
      same(`${slot} storage`, text.split(":")[0], disk.storage);
      const [found, wanted] = [gibOf(text), Number.parseInt(disk.size)];
      const mayBeLarger = model.grown.has(`${vmid} ${slot}`) || model.detached.has(text.split(",")[0] ?? "");
      if (mayBeLarger ? found < wanted : found !== wanted)
        problems.push(`VM ${vmid} ${slot}: ${found} GiB instead of ${wanted}`);
    }
  }
  return problems;
}

/** Volumes without a slot that nobody took out of one: a second copy of something. */
function surplus(model: Model, { bench }: Real): string[] {
  return Object.values(bench.proxmox.world.vms).flatMap(({ config }) =>
    Object.entries(config).flatMap(([key, volume]) =>
      /^unused\d+$/.test(key) && !model.detached.has(volume) ? [`${key}: ${volume} was made twice`] : [],
    ),
  );
}

/** Nothing is lost or there twice. Holds after every run, a killed one's successor included. */
export function ownershipProblems(model: Model, real: Real): string[] {
  const { orphans, lost } = stray(real.bench.proxmox.world);
  return [
    ...orphans.map((volume) => `${volume} is nobody's`),
    ...lost.map((volume) => `${volume} is lost`),
    ...surplus(model, real),
  ];
}

/** All that the house says is so. Holds after an `up` that looked first. */
export const houseProblems = (model: Model, real: Real): string[] =>
  [...model.house].flatMap(([name, spec]) => vmProblems(model, real, name, spec));
