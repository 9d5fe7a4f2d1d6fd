/** Edits of a storage that the house does not name: found, told apart, taken note of, and never undone. */
import type { Lifecycle } from "../../../../providers/lifecycle";
import { checkStorage } from "../../../../providers/proxmox/storage/check";
import type { StorageInputs, StorageState } from "../../../../providers/proxmox/storage/inputs";
import { storageLifecycle } from "../../../../providers/proxmox/storage/lifecycle";
import { unnamedOf } from "../../../../providers/proxmox/storage/unnamed";
import { startLab, type Lab } from "../lab";

const NAS = { storage: "NAS", type: "nfs", server: "192.168.86.43", export: "/volume1/infinity-node" };

let lab: Lab;
let told: string[];
let storage: Lifecycle<StorageInputs, StorageState>;

beforeEach(async () => {
  lab = await startLab();
  told = [];
  storage = life();
});
afterEach(() => lab.close());

/** As another process would have it: nothing that is remembered of earlier calls counts. */
function life(): Lifecycle<StorageInputs, StorageState> {
  const client = lab.anotherClient();
  return storageLifecycle(
    () => client,
    undefined,
    (text) => told.push(text),
  );
}

const inputs = (more: object = {}): StorageInputs => {
  const { inputs: checked, failures } = checkStorage({}, { ...NAS, ...more });
  expect(failures).toEqual([]);
  return checked;
};

async function look(state: StorageState): Promise<{ inputs: StorageInputs; props: StorageState }> {
  const seen = await life().read("NAS", state);
  if (!seen.inputs || !seen.props) throw new Error("it is not there");
  return { inputs: seen.inputs, props: seen.props };
}

const kept = (): string => JSON.stringify(lab.proxmox.world.storages.NAS);

const EDITS: readonly (readonly [what: string, sent: Record<string, string | number>, shown: object])[] = [
  ["content", { content: "iso,backup" }, { content: "backup,iso (was images)" }],
  ["nodes", { nodes: "infinity-node" }, { nodes: "infinity-node" }],
  ["being switched off", { disable: 1 }, { disable: "1" }],
  ["mount options", { options: "vers=4.2,soft" }, { options: "vers=4.2,soft" }],
  [
    "what is pruned",
    { "prune-backups": "keep-last=1,keep-daily=7" },
    { "prune-backups": "keep-daily=7,keep-last=1 (was keep-last=3)" },
  ],
  ["what is pruned, taken away", { delete: "prune-backups" }, { "prune-backups": "none (was keep-last=3)" }],
  ["preallocation", { preallocation: "off" }, { preallocation: "off" }],
];

test.each(EDITS)(
  "an edit of %s is marked, taken note of without a write, and then no edit any more",
  async (...edit) => {
    const [, sent, shown] = edit;
    const created = await storage.create(inputs());
    await lab.client.put("/storage/NAS", { "prune-backups": "keep-last=3" });
    const { outs } = await life().update("NAS", created.outs, inputs());
    await lab.client.put("/storage/NAS", sent);
    const before = kept();

    const seen = await look(outs);
    expect(seen.inputs).toEqual({ ...inputs(), unnamed: shown });
    expect(await look(seen.props)).toEqual(seen);
    told.length = 0;
    expect((await storage.check(seen.inputs, inputs())).failures).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^storage NAS: \S+: .*: not in the house - left as it is/)]);

    lab.calls();
    const after = await life().update("NAS", seen.props, inputs());
    expect(lab.writes()).toEqual({});
    expect(kept()).toBe(before);
    expect(told).toHaveLength(1);
    const clean = await look(after.outs);
    expect(clean.inputs).toEqual(inputs());
    expect(JSON.stringify(clean.props)).toBe(JSON.stringify(after.outs));
  },
);

test("what it names beside it is put back, and the rest left", async () => {
  const wanted = inputs({ content: ["images"], options: "soft" });
  const { outs } = await storage.create(wanted);
  await lab.client.put("/storage/NAS", { content: "iso", delete: "options", preallocation: "off" });
  const seen = await look(outs);
  expect(seen.inputs).toEqual({
    ...wanted,
    ...{ content: ["iso"], options: "", unnamed: { preallocation: "off" } },
  });
  const after = await life().update("NAS", seen.props, wanted);
  expect((await look(after.outs)).inputs).toEqual(wanted);
  expect(lab.proxmox.world.storages.NAS?.properties).toMatchObject({
    ...{ content: "images", options: "soft", preallocation: "off" },
  });
});

test("one that no look came before is said by the up that takes note of it", async () => {
  const { outs } = await storage.create(inputs());
  await lab.client.put("/storage/NAS", { disable: 1 });
  const { outs: after } = await life().update("NAS", outs, inputs({ content: ["iso"] }));
  expect(told).toEqual(["storage NAS: disable: 1: not in the house - left as it is, up takes note of it"]);
  expect((await look(after)).inputs).toEqual(inputs({ content: ["iso"] }));
});

test("a key that leaves the house is no edit, and one that comes into it is the house's", async () => {
  const { outs } = await storage.create(inputs({ content: ["images", "iso"] }));
  const { outs: less } = await life().update("NAS", outs, inputs());
  expect((await look(less)).inputs).toEqual(inputs());
  const { outs: more } = await life().update("NAS", less, inputs({ enabled: true }));
  expect((await look(more)).inputs).toEqual(inputs({ enabled: true }));
});

test("an older version's state takes note of what there is, and shows no edit", async () => {
  const { outs } = await storage.create(inputs());
  await lab.client.put("/storage/NAS", { disable: 1 });
  const { acknowledged, ...older } = outs;
  expect(acknowledged).toEqual({ content: "images" });
  const seen = await look(older);
  expect(seen.inputs).toEqual(inputs());
  expect(seen.props.acknowledged).toEqual({ content: "images", disable: "1" });
});

test("what Proxmox computes, its random order and what is only spelt otherwise is no edit", () => {
  const live = { storage: "NAS", type: "nfs", server: "a", export: "/x", digest: "1", content: "iso,images" };
  const known = unnamedOf({ ...live, "prune-backups": "keep-last=3,keep-daily=7" }, inputs());
  const spelt = {
    ...{ digest: "2", path: "/mnt/pve/NAS", shared: 1, content: "images,iso", disable: 0, preallocation: "metadata" },
    "prune-backups": "keep-daily=7,keep-last=3",
  };
  expect(unnamedOf({ ...live, ...spelt }, inputs())).toEqual(known);
  const dir = { storage: "local", type: "dir", path: "/var/lib/vz" } as const;
  expect(unnamedOf({ ...dir, shared: 1, "prune-backups": "keep-all=1" }, dir)).toEqual({ shared: "1" });
});
