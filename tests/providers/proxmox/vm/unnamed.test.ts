/** Edits of what the house does not name: found, told apart, taken note of, and never undone. Against the lab's Proxmox. */
import { spelling } from "../../../../providers/proxmox/vm/spelling";
import { startLab, type Lab } from "../lab";
import { CONFIG, vmFixture, type VmFixture } from "./fixture";

const SPEC = {
  name: "emby",
  memory: "8GiB",
  balloon: "4GiB",
  cpu: { cores: 2, type: "x86-64-v2-AES" },
  disks: { scsi0: { storage: "local-lvm", size: "8GiB" }, scsi1: { storage: "local-lvm", size: "4GiB" } },
  nics: { net0: { bridge: "vmbr0" } },
};

let lab: Lab;
let vm: VmFixture["vm"];
let look: VmFixture["look"];
let inputs: VmFixture["inputs"];
let told: string[];

beforeEach(async () => {
  lab = await startLab();
  ({ vm, look, inputs, told } = vmFixture(lab, SPEC));
});
afterEach(() => lab.close());

const config = () => lab.proxmox.world.vms[100]?.config ?? {};

const VGA = { vga: "std,memory=32" };
const HAND_NIC = "virtio=BC:24:11:00:00:05,bridge=vmbr1";

const EDITS: readonly (readonly [what: string, sent: Record<string, string | number>, shown: object])[] = [
  ["a NIC added", { net5: HAND_NIC }, { net5: HAND_NIC }],
  ["a disk added", { scsi5: "local-lvm:1" }, { scsi5: "local-lvm:vm-100-disk-2,size=1G" }],
  ["a boot order", { boot: "order=net0" }, { boot: "order=net0 (was order=scsi0;net0)" }],
  [
    "a MAC",
    { net0: "virtio=BC:24:11:00:00:98,bridge=vmbr0" },
    { net0: expect.stringMatching(/^mac=BC:24:11:00:00:98 \(was mac=/) as string },
  ],
  ["hotplug", { hotplug: "disk,usb" }, { hotplug: "disk,usb" }],
  ["a device", { usb0: "spice", serial0: "socket" }, { usb0: "spice", serial0: "socket" }],
  ["a device gone", { delete: "vga" }, { vga: "none (was std,memory=32)" }],
  ["a device edited", { vga: "qxl" }, { vga: "qxl (was std,memory=32)" }],
  ["RNG", { rng0: "source=/dev/urandom" }, { rng0: "/dev/urandom" }],
  ["machine", { machine: "q35" }, { machine: "q35" }],
  ["name servers", { nameserver: "9.9.9.9" }, { nameserver: "9.9.9.9" }],
  ["tags", { tags: "mine" }, { tags: "mine" }],
  ["notes", { description: "by hand" }, { description: "by hand" }],
  ["start at boot", { onboot: 1 }, { onboot: "1" }],
  ["a throttle on a disk of the house", { scsi0: "local-lvm:vm-100-disk-0,mbps_rd=100" }, { scsi0: "mbps_rd=100" }],
  [
    "a rate on a NIC of the house",
    { net0: "rate" },
    { net0: expect.stringMatching(/^mac=\S+,rate=12 \(was/) as string },
  ],
  ["flags of the CPU", { cpu: "x86-64-v2-AES,flags=+aes" }, { cpu: "flags=+aes" }],
];

describe("an edit of what the house does not name", () => {
  test.each(EDITS)(
    "of %s is marked, taken note of without a write, and then no edit any more",
    async (_what, sent, shown) => {
      const created = await vm.create(inputs());
      await lab.client.put(CONFIG, VGA);
      const { outs } = await vm.update("100", created.outs, inputs());
      const rate = { net0: `${config().net0 ?? ""},rate=12` };
      await lab.client.put(CONFIG, sent.net0 === "rate" ? rate : sent);
      const before = JSON.stringify(config());

      const seen = await look(outs);
      expect(seen.inputs).toEqual({ ...inputs(), unnamed: shown });
      expect((await look(seen.props)).inputs).toEqual(seen.inputs);
      told.length = 0;
      expect((await vm.check(seen.inputs, inputs())).failures).toEqual([]);
      expect(told).toHaveLength(Object.keys(shown).length);
      expect(told[0]).toMatch(/not in the house - left as it is/);

      lab.calls();
      const after = await vm.update("100", seen.props, inputs());
      expect(lab.writes()).toEqual({});
      expect(JSON.stringify(config())).toBe(before);
      expect(told).toHaveLength(Object.keys(shown).length);
      const clean = await look(after.outs);
      expect(clean.inputs).toEqual(inputs());
      expect(JSON.stringify(clean.props)).toBe(JSON.stringify(after.outs));
    },
  );

  test("is said by an up that no look came before", async () => {
    const { outs } = await vm.create(inputs());
    await lab.client.put(CONFIG, { net5: HAND_NIC });
    told.length = 0;
    const after = await vm.update("100", outs, inputs({ tags: ["a"] }));
    expect(told.join()).toContain(`net5: ${HAND_NIC}: not in the house`);
    expect(config().net5).toBe(HAND_NIC);
    expect((await look(after.outs)).inputs).toEqual(inputs({ tags: ["a"] }));
  });

  test("beside one of what it names is left, and only the other is put back", async () => {
    const { outs } = await vm.create(inputs());
    await lab.client.put(CONFIG, { net5: HAND_NIC, scsi5: "local-lvm:1", cores: 8, delete: "scsi1" });
    const seen = await look(outs);
    const after = await vm.update("100", seen.props, inputs());
    expect(config()).toMatchObject({
      cores: "2",
      net5: HAND_NIC,
      scsi5: "local-lvm:vm-100-disk-2,size=1G",
      scsi1: "local-lvm:vm-100-disk-1,size=4G",
    });
    expect((await look(after.outs)).inputs).toEqual(inputs());
  });
});

test("an older version's state takes note of what there is, and shows no edit", async () => {
  const { outs } = await vm.create(inputs());
  await lab.client.put(CONFIG, { net5: HAND_NIC, vga: "std" });
  const { slots, acknowledged, ...older } = outs;
  expect([slots, acknowledged?.ostype]).toEqual([["net0", "scsi0", "scsi1"], "l26"]);
  const seen = await look(older);
  expect(seen.inputs).toEqual(inputs());
  expect(seen.props.acknowledged).toMatchObject({ net5: HAND_NIC, vga: "std" });
});

test("what Proxmox computes and what is only spelt otherwise is no edit", async () => {
  const { outs } = await vm.create(inputs());
  await lab.client.put(CONFIG, { usb0: "spice,usb3=1", vga: "std,memory=32" });
  const { outs: noted } = await vm.update("100", outs, inputs());
  const live = lab.proxmox.world.vms[100];
  if (!live) throw new Error("no VM");
  Object.assign(live.config, {
    vmgenid: "11111111-2222-3333-4444-555555555555",
    meta: "creation-qemu=1.0.0,ctime=1",
    lock: "backup",
    usb0: "usb3=yes,host=spice",
    vga: "memory=32,type=std",
    onboot: "0",
    hotplug: "network,disk,usb",
  });
  expect((await look(noted)).inputs).toEqual(inputs());
});

describe("a slot of the house", () => {
  test("that was emptied shows there, with its volume on the side told once, and is filled again", async () => {
    const { outs } = await vm.create(inputs());
    await lab.client.put(CONFIG, { delete: "scsi1,net0" });
    const seen = await look(outs);
    expect(seen.inputs.disks).toEqual({ scsi0: inputs().disks?.scsi0 });
    expect(seen.inputs.nics).toEqual({});
    expect(Object.keys(seen.inputs.unnamed ?? {})).toEqual(["boot"]);
    const after = await vm.update("100", seen.props, inputs());
    expect(after.outs).toMatchObject({ macs: outs.macs, volumes: outs.volumes });
    expect(after.outs.acknowledged).toEqual(outs.acknowledged);
    expect((await look(after.outs)).inputs).toEqual(inputs());
  });

  test("that was the one to start from is so again, unless somebody gave another order since", async () => {
    const { outs } = await vm.create(inputs());
    expect(config().boot).toBe("order=scsi0;net0");
    await lab.client.put(CONFIG, { delete: "scsi0" });
    expect(config().boot).toBe("order=net0");
    await vm.update("100", (await look(outs)).props, inputs());
    expect(config().boot).toBe("order=scsi0;net0");
    await lab.client.put(CONFIG, { delete: "scsi0" });
    await lab.client.put(CONFIG, { boot: "order=scsi1;net0" });
    await vm.update("100", (await look(outs)).props, inputs());
    expect(config().boot).toBe("order=scsi1;net0");
  });

  test("that was emptied, seen, and filled again by hand is clean without an up", async () => {
    const { outs } = await vm.create(inputs());
    const { net0 } = config();
    await lab.client.put(CONFIG, { delete: "scsi1" });
    const seen = await look(outs);
    expect(seen.inputs.disks).not.toHaveProperty("scsi1");
    await lab.client.put(CONFIG, { delete: "net0" });
    const without = await look(seen.props);
    expect(without.inputs.nics).toEqual({});
    await lab.client.put(CONFIG, { scsi1: "local-lvm:vm-100-disk-1", net0: net0 ?? "", boot: "order=scsi0;net0" });
    expect((await look(without.props)).inputs).toEqual(inputs());
  });

  test("that left the house keeps its volume among the unused, and its end is seen", async () => {
    const { outs } = await vm.create(inputs());
    const least = inputs({ disks: { scsi0: SPEC.disks.scsi0 } });
    const { outs: without } = await vm.update("100", outs, least);
    expect((await look(without)).inputs).toEqual(least);
    await lab.client.put(CONFIG, { delete: "unused0" });
    expect((await look(without)).inputs.unnamed).toEqual({ unused: "none (was local-lvm:vm-100-disk-1)" });
  });
});

test.each([
  ["vga", "type=std,memory=32", "std,memory=32"],
  ["hotplug", "1", undefined],
  ["usb0", "host=1234:abcd,usb3=yes", "1234:abcd,usb3=1"],
  ["args", "-device x,b=1,a=2", "-device x,b=1,a=2"],
  ["boot", " ", undefined],
  ["tags", "B;a,b", "a;b"],
])("%s: %s is spelt %s", (key, text, spelt) => {
  expect(spelling(key, text)).toBe(spelt);
});
