/**
 * What is to be done so that an observed VM becomes the house's: an ordered list of calls, empty where nothing differs.
 * Pure; the caller takes one step, looks again and asks for a new plan, so that each call carries the digest of what
 * the plan was made from.
 */
import { sameCanonical } from "../../canonical";
import type { NicSlot } from "./args";
import { returningBoot } from "./bootOrder";
import type { Config } from "./config";
import { isPhysical } from "./drive";
import { planDevices } from "./devices";
import { planDisks } from "./planDisks";
import { FIELD_NAMES, fieldOf } from "./fields";
import { drivesOf } from "./fromApi";
import type { Recorded, VmInputs } from "./inputs";
import { nicFromApi, nicToApi, parseNic } from "./nic";
import type { ObservedVm } from "./observed";
import { isNicSlot } from "./slots";
import type { Step } from "./step";

export interface Plan {
  readonly steps: readonly Step[];
  /** What differs and can't be put back; a person decides. */
  readonly notes: readonly string[];
  /** Why nothing at all may be done. */
  readonly problems: readonly string[];
}

interface Edits {
  readonly set: Config;
  readonly delete: readonly string[];
}

function planFields(config: Config, wanted: VmInputs): Edits {
  const changes = FIELD_NAMES.flatMap((name) => {
    const value = wanted[name];
    if (value === undefined || sameCanonical(fieldOf(name).parse(config, value), value)) return [];
    return Object.entries(fieldOf(name).print(value, config));
  });
  const set = changes.filter(
    (change): change is [string, string] => change[1] !== null && config[change[0]] !== change[1],
  );
  const gone = changes.filter(([key, value]) => value === null && config[key] !== undefined);
  return { set: Object.fromEntries(set), delete: gone.map(([key]) => key) };
}

function planNics(config: Config, wanted: VmInputs, recorded: Recorded): Edits {
  const edits = Object.entries(wanted.nics ?? {}).flatMap(([slot, nic]) => {
    const there = config[slot] === undefined ? undefined : parseNic(config[slot]);
    const mac = nic.mac ?? there?.mac ?? recorded.macs?.[slot];
    const same = there && sameCanonical(nicFromApi(there), { model: "virtio", ...nic, mac: mac?.toUpperCase() });
    return same ? [] : [[slot, nicToApi(nic, mac, there?.options)] as const];
  });
  const gone = Object.keys(recorded.nics ?? {}).filter(
    (slot) => isNicSlot(slot) && wanted.nics?.[slot as NicSlot] === undefined && config[slot] !== undefined,
  );
  return { set: Object.fromEntries(edits), delete: gone };
}

function configSteps(observed: ObservedVm, fields: Edits, nics: Edits, disks: Edits): Step[] {
  const task = [nics, disks].some((edits) => Object.keys(edits.set).length + edits.delete.length > 0);
  const whole = {
    kind: "config",
    set: { ...fields.set, ...nics.set, ...disks.set },
    delete: [...fields.delete, ...nics.delete, ...disks.delete],
    task,
  } as const;
  if (Object.keys(whole.set).length + whole.delete.length === 0) return [];
  // Proxmox judges a detach by the protection that was in place before the call.
  const lifted = observed.wanted.protection === "1" && fields.set.protection === "0" && disks.delete.length > 0;
  return lifted ? [{ kind: "config", set: { protection: "0" }, delete: [], task: false }, whole] : [whole];
}

/** @param recorded a slot that the house had and no longer has is detached; one that it never had is left alone. */
export function planVm(observed: ObservedVm, wanted: VmInputs, recorded: Recorded): Plan {
  const config = observed.wanted;
  const disks = planDisks(observed, wanted, recorded);
  const [fields, nics] = [planFields(config, wanted), planNics(config, wanted, recorded)];
  const filled = Object.keys({ ...disks.set, ...nics.set }).filter((slot) => config[slot] === undefined);
  const boot = wanted.boot === undefined ? returningBoot(config, recorded.acknowledged, filled) : {};
  const devices = planDevices(config, wanted, recorded);
  const plain = {
    set: { ...fields.set, ...devices.set, ...boot },
    delete: [...fields.delete, ...devices.delete],
  };
  const configs = configSteps(observed, plain, nics, disks);
  const power = wanted.power === undefined || wanted.power === observed.status ? undefined : wanted.power;
  return {
    steps: [
      // A VM that shall be off goes off first: its changes then apply at once.
      ...(power === "stopped" ? [{ kind: "power", action: "shutdown" } as const] : []),
      ...configs,
      ...disks.steps,
      ...(power === "running" ? [{ kind: "power", action: "start" } as const] : []),
    ],
    notes: disks.notes,
    problems: disks.problems,
  };
}

/** Slots that hold a disk of the host. */
export function physicalSlots(observed: ObservedVm): string[] {
  const drives = { ...drivesOf(observed.live), ...drivesOf(observed.wanted) };
  return Object.keys(drives).filter((slot) => drives[slot] && isPhysical(drives[slot]));
}
