/** Taking over what somebody else made, against the lab's Proxmox. */
import type { Lifecycle } from "../../../../providers/lifecycle";
import { adoptionFrom, type Adoption } from "../../../../providers/adoption";
import { readOnly } from "../../../../providers/proxmox/adopt/readOnly";
import { storageLifecycle } from "../../../../providers/proxmox/storage/lifecycle";
import { checkVm } from "../../../../providers/proxmox/vm/check";
import type { VmInputs, VmState } from "../../../../providers/proxmox/vm/inputs";
import { vmLifecycle } from "../../../../providers/proxmox/vm/lifecycle";
import { vmListing } from "../../../../providers/proxmox/vm/listing";
import { startLab, type Lab } from "../lab";

const NODE = "infinity-node";
const OURS = "5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9b10";
const THEIRS = "11111111-2222-4333-8444-555555555555";

let lab: Lab;

const life = (adoption?: Adoption): Lifecycle<VmInputs, VmState> =>
  vmLifecycle({
    client: () => lab.client,
    rootLogin: () => true,
    tell: () => undefined,
    adoption: () => adoption,
  });

function inputs(more: object = {}): VmInputs {
  const spec = {
    node: NODE,
    vmid: 100,
    uuid: OURS,
    name: "media",
    memory: "2GiB",
    cpu: { cores: 2 },
    disks: { scsi0: { storage: "local-lvm", size: "8GiB" } },
    nics: { net0: { bridge: "vmbr0" } },
    ...more,
  };
  const { inputs: checked, failures } = checkVm({}, spec, () => true);
  expect(failures).toEqual([]);
  return checked;
}

const found = () => {
  const vm = lab.proxmox.world.vms[100];
  if (!vm) throw new Error("no VM 100 in the lab");
  vmListing.forget(lab.client);
  return vm;
};

beforeEach(async () => {
  lab = await startLab();
  const made = { vmid: 100, name: "media", cores: 2, memory: 2048, scsi0: "local-lvm:8", net0: "virtio,bridge=vmbr0" };
  await lab.client.task(await lab.client.post<string>(`/nodes/${NODE}/qemu`, { ...made, smbios1: `uuid=${THEIRS}` }));
  lab.calls();
});
afterEach(() => lab.close());

test("a VM that matches costs two calls, none of them a write, and keeps its own uuid", async () => {
  const { id, outs } = await life("matching").create(inputs());
  expect(lab.calls()).toEqual({ "GET /cluster/resources": 1, "GET /nodes/{node}/qemu/{vmid}/pending": 1 });
  expect(id).toBe("100");
  expect(outs).toMatchObject({ ...inputs(), adopted: THEIRS });
});

test("it reads back as the house has it, and changes and goes as a VM of ours does", async () => {
  const { outs } = await life("matching").create(inputs());
  expect((await life().read("100", outs)).inputs).toEqual(inputs());
  const changed = await life().update("100", outs, inputs({ cpu: { cores: 3 }, deletable: true }));
  expect(changed.outs.adopted).toBe(THEIRS);
  expect(found().config).toMatchObject({ cores: "3", smbios1: `uuid=${THEIRS}` });
  await life().delete("100", changed.outs);
  expect(lab.proxmox.world.vms[100]).toBeUndefined();
});

test("without the option it is not touched, and the error says how to take it over", async () => {
  await expect(life().create(inputs())).rejects.toThrow("npx infinity adopt");
  expect(found().config).toMatchObject({ smbios1: `uuid=${THEIRS}` });
});

test("a VM in the number of one that was taken over is not changed, read or deleted", async () => {
  const { outs } = await life("matching").create(inputs());
  found().config.smbios1 = "uuid=99999999-2222-4333-8444-555555555555";
  lab.calls();
  for (const attempt of [
    () => life().read("100", outs),
    () => life().update("100", outs, inputs({ memory: "4GiB" })),
    () => life().delete("100", { ...outs, deletable: true }),
  ])
    await expect(attempt()).rejects.toThrow("is not this house's");
  expect(lab.writes()).toEqual({});
});

test("one without a uuid is known by the second in which it was made", async () => {
  delete found().config.smbios1;
  const { outs } = await life("matching").create(inputs());
  expect(outs.adopted).toMatch(/^ctime=\d+$/);
  expect((await life().read("100", outs)).inputs).toEqual(inputs());
  found().config.meta = "creation-qemu=9.2.0,ctime=1";
  await expect(life().read("100", outs)).rejects.toThrow("is not this house's");
});

test.each([
  ["is not there", () => delete lab.proxmox.world.vms[100], /restore it, or take it out of the house/],
  ["differs", () => (found().config.cores = "4"), /cpu\.cores: is 4, the house says 2/],
  ["is a template", () => (found().config.template = "1"), /template/],
  ["is still being made", () => (found().config.lock = "create"), /still being made/],
  [
    "carries nothing to know it by",
    () => {
      delete found().config.smbios1;
      delete found().config.meta;
    },
    /qm set 100 --smbios1 uuid=5dd5c0b8/,
  ],
])("a VM that %s is refused", async (_what, change, message) => {
  change();
  await expect(life("matching").create(inputs())).rejects.toThrow(message);
  expect(lab.writes()).toEqual({});
});

test("with its differences it is recorded as it is", async () => {
  found().config.cores = "4";
  const { outs } = await life("differing").create(inputs());
  expect(outs).toMatchObject({ cpu: { cores: 4 }, uuid: OURS, adopted: THEIRS });
  expect((await life().read("100", outs)).inputs).toEqual(inputs({ cpu: { cores: 4 } }));
});

describe("a storage", () => {
  const pool = { storage: "local-lvm", type: "lvmthin", volumeGroup: "pve", thinPool: "data" } as const;
  const storages = (adoption: Adoption) =>
    storageLifecycle(
      () => lab.client,
      () => adoption,
    );

  test("that matches is taken over, one that differs only with its differences", async () => {
    const acknowledged = { content: "images,rootdir" };
    expect((await storages("matching").create(pool)).outs).toEqual({ ...pool, acknowledged });
    const other = { ...pool, content: ["images"] } as const;
    await expect(storages("matching").create(other)).rejects.toThrow(/content: is \["images","rootdir"\]/);
    const { outs } = await storages("differing").create(other);
    expect(outs).toEqual({ ...pool, content: ["images", "rootdir"], acknowledged: {} });
  });

  test("that is not there, or lies elsewhere for good, is refused", async () => {
    await expect(storages("differing").create({ ...pool, storage: "gone" })).rejects.toThrow("not there");
    await expect(storages("differing").create({ ...pool, thinPool: "elsewhere" })).rejects.toThrow("another storage");
  });
});

test("a client that only reads sends no change, whatever it is asked", async () => {
  const client = readOnly(lab.client);
  for (const ask of [client.post("/storage", {}), client.put("/storage/local", {}), client.delete("/storage/local")])
    await expect(ask).rejects.toThrow("adopting writes nothing");
  expect(await client.get("/version")).toBeDefined();
  expect(lab.writes()).toEqual({});
});

test("the option of a run is one of two words", () => {
  expect(adoptionFrom({})).toBeUndefined();
  expect(adoptionFrom({ INFINITY_ADOPT: "matching" })).toBe("matching");
  expect(() => adoptionFrom({ INFINITY_ADOPT: "yes" })).toThrow("matching or differing");
});
