import fc from "fast-check";
import { canonicalInputs } from "../../../../providers/proxmox/vm/canonicalInputs";
import { checkVm } from "../../../../providers/proxmox/vm/check";
import { fromApi } from "../../../../providers/proxmox/vm/fromApi";
import type { Recorded, VmInputs } from "../../../../providers/proxmox/vm/inputs";
import { planVm } from "../../../../providers/proxmox/vm/plan";
import { recordsOf } from "../../../../providers/proxmox/vm/records";
import { createParams } from "../../../../providers/proxmox/vm/toApi";
import { anyVm, applied, created, observed } from "./house";

/** What the stand-in can't tell apart: a VM that shall be `stopped` or whatever is not started. */
function settle(stored: ReturnType<typeof created>, wanted: VmInputs, recorded: Recorded): ReturnType<typeof created> {
  let now = stored;
  for (let round = 0; round < 20; round++) {
    const { steps, problems } = planVm(observed(now), wanted, recorded);
    expect(problems).toEqual([]);
    if (steps[0] === undefined) return now;
    now = applied(now, steps[0]);
  }
  throw new Error(`not settled: ${JSON.stringify(planVm(observed(now), wanted, recorded).steps)}`);
}

/** Changes between two VMs that `check` refuses are not put to the plan. */
const allowed = (a: VmInputs, b: VmInputs): boolean => checkVm(a, b, () => true).failures.length === 0;

describe("a VM between the house and Proxmox", () => {
  test("every arbitrary VM of these tests passes check and is canonical", () => {
    fc.assert(
      fc.property(anyVm, (vm) => {
        const { inputs, failures } = checkVm({}, vm, () => true);
        expect(failures.filter(({ property }) => property !== "cloudInit.slot")).toEqual([]);
        expect(JSON.stringify(inputs)).toBe(JSON.stringify(vm));
        expect(JSON.stringify(canonicalInputs(inputs))).toBe(JSON.stringify(inputs));
      }),
    );
  });

  test("what was created reads back as what was asked for", () => {
    fc.assert(
      fc.property(anyVm, (vm) => {
        const now = observed(created(createParams(vm)));
        const records = recordsOf(now, vm, {});
        const wanted = vm.power === undefined ? vm : { ...vm, power: now.status };
        expect(JSON.stringify(fromApi(now, vm, records))).toBe(JSON.stringify(wanted));
      }),
    );
  });

  test("nothing is to be done on a VM that was just created", () => {
    fc.assert(
      fc.property(anyVm, (vm) => {
        const now = observed(created(createParams(vm)));
        expect(planVm(now, vm, { ...vm, ...recordsOf(now, vm, {}) })).toEqual({ steps: [], notes: [], problems: [] });
      }),
    );
  });

  test("any allowed change ends at what the house says, and then nothing is left to do", () => {
    fc.assert(
      fc.property(anyVm, anyVm, (before, after) => {
        fc.pre(allowed(before, after));
        const start = created(createParams(before));
        const recorded = { ...before, ...recordsOf(observed(start), before, {}) };
        const end = settle(start, after, recorded);
        const taken = Object.keys(before.disks ?? {}).filter((slot) => !(slot in (after.disks ?? {})));
        for (const slot of taken) expect(end.config).not.toHaveProperty(slot);
        const records = recordsOf(observed(end), after, {});
        expect(JSON.stringify(fromApi(observed(end), after, records))).toBe(JSON.stringify(after));
      }),
    );
  });

  test("what the house leaves out is left as it is", () => {
    fc.assert(
      fc.property(anyVm, (vm) => {
        const { node, vmid, uuid, name, memory, balloon } = vm;
        const least = canonicalInputs({ node, vmid, uuid, name, memory, balloon });
        const now = observed(created(createParams(vm)));
        expect(planVm(now, least, {}).steps).toEqual([]);
        expect(fromApi(now, least, {})).toEqual(least);
      }),
    );
  });

  test("a disk taken out of the house is kept as an unused volume", () => {
    fc.assert(
      fc.property(anyVm, (vm) => {
        const start = created(createParams(vm));
        const volumes = Object.values(recordsOf(observed(start), vm, {}).volumes);
        const end = settle(start, { ...vm, disks: {} }, vm);
        for (const volume of volumes) expect(Object.values(end.config)).toContain(volume);
      }),
    );
  });
});
