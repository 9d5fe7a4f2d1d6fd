/** A VM that was deleted behind the house's back, against the lab's Proxmox. */
import type { VmInputs, VmState } from "../../../../providers/proxmox/vm/inputs";
import { startLab, type Lab } from "../lab";
import { vmFixture, type VmFixture } from "./fixture";

const SPEC = {
  name: "emby",
  memory: "8GiB",
  disks: { scsi0: { storage: "local-lvm", size: "8GiB" } },
  nics: { net0: { bridge: "vmbr0" } },
};

let lab: Lab;
let vm: VmFixture["vm"];
let look: VmFixture["look"];
let inputs: VmFixture["inputs"];

beforeEach(async () => {
  lab = await startLab();
  ({ vm, look, inputs } = vmFixture(lab, SPEC));
});
afterEach(() => lab.close());

async function gone(more: object = {}): Promise<{ made: VmState; inputs: VmInputs; props: VmState }> {
  const { outs: made } = await vm.create(inputs(more));
  await lab.client.task(await lab.client.delete<string>("/nodes/infinity-node/qemu/100"));
  lab.calls();
  return { made, ...(await look(made)) };
}

test("it stays in the state, marked, however often it is looked for", async () => {
  const seen = await gone();
  expect(seen.inputs).toEqual({ ...inputs(), gone: true });
  expect(await look(seen.props)).toEqual({ inputs: seen.inputs, props: seen.props });
});

test("the preview refuses it with the ways on, and an update writes nothing", async () => {
  const seen = await gone();
  const { failures } = await vm.check(seen.inputs, inputs());
  expect(failures).toEqual([
    { property: "vmid", reason: expect.stringMatching(/^100: it was deleted.*qmrestore.*recreate: true/) as string },
  ]);
  lab.calls();
  await expect(vm.update("100", seen.props, inputs({ memory: "9GiB" }))).rejects.toThrow("it was deleted in Proxmox");
  await expect(vm.update("100", seen.made, inputs({ memory: "9GiB" }))).rejects.toThrow("it is not on node");
  expect(lab.writes()).toEqual({});
});

test("a house that says so gets it again, with the MAC that it had, and is clean", async () => {
  const seen = await gone();
  const wanted = inputs({ recreate: true });
  // Disks that were larger than the house says by then are gone, too: their size binds nobody.
  const { failures } = await vm.check(
    { ...seen.inputs, disks: { scsi0: { storage: "local-lvm", size: "9GiB" } } },
    wanted,
  );
  expect(failures).toEqual([]);
  const { outs } = await vm.update("100", seen.props, wanted);
  expect(outs.macs).toEqual(seen.made.macs);
  expect((await look(outs)).inputs).toEqual(wanted);
});

test("restored, it is known again, and nothing is left to do", async () => {
  const seen = await gone();
  await vm.create({ ...inputs(), nics: { net0: { bridge: "vmbr0", mac: seen.made.macs.net0 } } });
  const { inputs: now, props } = await look(seen.props);
  expect(now).toEqual(inputs());
  lab.calls();
  expect((await vm.update("100", seen.props, inputs())).outs).toEqual(props);
  expect(lab.writes()).toEqual({});
});

test("another VM in its place is neither ours nor gone", async () => {
  const seen = await gone();
  await vm.create(inputs({ uuid: "00000000-9a54-4b39-8a2f-6a4f0c0f9b10" }));
  await expect(look(seen.props)).rejects.toThrow("is not this house's");
  await expect(vm.update("100", seen.props, inputs({ recreate: true }))).rejects.toThrow("is not this house's");
});

test("taken out of the house it is forgotten, even one that was deletable", async () => {
  const seen = await gone({ deletable: true });
  await vm.delete("100", seen.props);
  expect(lab.writes()).toEqual({});
});
