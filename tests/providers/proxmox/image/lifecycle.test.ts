/** The life of a downloaded file against the lab's Proxmox. */
import { houseNode } from "../../../../lab/proxmox/seeds";
import type { WebFile } from "../../../../lab/proxmox/world";
import type { ImageSpec } from "../../../../providers/proxmox/image/args";
import { checkImage } from "../../../../providers/proxmox/image/check";
import type { ImageInputs } from "../../../../providers/proxmox/image/inputs";
import { imageLifecycle } from "../../../../providers/proxmox/image/lifecycle";
import { UNKNOWN } from "../../../../providers/unknown";
import { startLab, type Lab } from "../lab";

const SHA = "5e".repeat(32);
const URL = "https://cloud.debian.org/images/debian-12.qcow2";
const VOLUME = "local:import/debian-12.qcow2";
const FILE: WebFile = { bytes: 3 * 1024 ** 3, fileBytes: 400_000_000, checksums: { sha256: SHA } };

const debian: ImageSpec = {
  node: "infinity-node",
  storage: "local",
  file: "debian-12.qcow2",
  content: "import",
  url: URL,
  checksum: `sha256:${SHA}`,
};

const inputs = (more: Partial<ImageSpec> = {}): ImageInputs => {
  const checked = checkImage({}, { ...debian, ...more });
  expect(checked.failures).toEqual([]);
  return checked.inputs;
};

let lab: Lab;
let told: string[];
const image = (adopting = false) =>
  imageLifecycle({
    client: () => lab.client,
    tell: (text) => told.push(text),
    adoption: () => (adopting ? "matching" : undefined),
  });

beforeEach(async () => {
  const initial = houseNode();
  const { local } = initial.storages;
  if (local) local.properties.content = "iso,import,backup";
  lab = await startLab({ initial: { ...initial, web: { [URL]: FILE } } });
  told = [];
  await lab.client.get("/version");
  lab.calls();
});
afterEach(() => lab.close());

const DOWNLOAD = "POST /nodes/{node}/storage/{storage}/download-url";

test("Proxmox downloads it, and what is there is recorded", async () => {
  const { id, outs } = await image().create(inputs());
  expect(lab.writes()).toEqual({ [DOWNLOAD]: 1 });
  expect(id).toBe(VOLUME);
  expect(outs).toEqual({ ...inputs(), volume: VOLUME, size: 400_000_000 });
  expect(lab.proxmox.world.volumes[VOLUME]).toMatchObject({ content: "import", size: 3 * 1024 ** 3 });
  expect(await image().read(id, outs)).toEqual({ id, inputs: inputs(), props: outs });
});

test("one that is there already is compared by Proxmox, not downloaded again", async () => {
  await image().create(inputs());
  const made = lab.proxmox.world.volumes[VOLUME]?.ctime;
  const { outs } = await image().create(inputs());
  expect(lab.proxmox.world.volumes[VOLUME]?.ctime).toBe(made);
  expect(outs.size).toBe(400_000_000);
  expect(lab.proxmox.world.tasks.at(-1)?.log.join("\n")).toContain("got correct file already");
});

test("another file of that name is left as it is, and named", async () => {
  lab.proxmox.world.web = { "https://*": { ...FILE, checksums: "any" } };
  await image().create(inputs({ checksum: `sha256:${"00".repeat(32)}` }));
  await expect(image().create(inputs())).rejects.toThrow("image debian-12.qcow2");
  await expect(image().create(inputs())).rejects.toMatchObject({
    stack: expect.stringContaining(
      `${VOLUME} is there and is another file (sha256 ${"00".repeat(32)}) - give this one another file name`,
    ) as string,
  });
});

test.each([
  ["a checksum that the file hasn't got", { checksum: `sha256:${"11".repeat(32)}` }, `write sha256:${SHA}`],
  ["an address that gives nothing", { url: "https://cloud.debian.org/gone.qcow2" }, "download failed: "],
  ["a storage without that content", { storage: "local-lvm" }, "not a file based storage"],
  ["a storage that there is not", { storage: "nosuch" }, "storage 'nosuch' does not exist"],
])("%s leaves nothing behind", async (_, more, said) => {
  const failed = image().create(inputs(more));
  await expect(failed).rejects.toMatchObject({ stack: expect.stringContaining(said) as string });
  expect(Object.keys(lab.proxmox.world.volumes)).toEqual([]);
});

test("content that the storage is not for is said with its fix", async () => {
  const { local } = lab.proxmox.world.storages;
  if (local) local.properties.content = "backup";
  await expect(image().create(inputs())).rejects.toMatchObject({
    stack: expect.stringContaining("add import to the storage's content") as string,
  });
});

test("what an interrupted run began is waited for", async () => {
  lab.proxmox.faults.add({ match: { method: "POST", path: /download-url$/ }, kind: "task-hangs", forMs: 300 });
  const first = image().create(inputs());
  // The task shows as soon as it was asked for.
  while (lab.proxmox.world.tasks.length === 0) await new Promise((wake) => setImmediate(wake));
  await image().create(inputs());
  await first;
  const logs = lab.proxmox.world.tasks.map(({ log }) => log.join("\n"));
  expect(logs.filter((log) => log.includes("checksum verified"))).toHaveLength(1);
  expect(logs.filter((log) => log.includes("got correct file already"))).toHaveLength(1);
});

test("one that is gone is forgotten, so that the next up downloads it; one that can't be looked at is not", async () => {
  const { id, outs } = await image().create(inputs());
  Reflect.deleteProperty(lab.proxmox.world.volumes, VOLUME);
  expect(await image().read(id, outs)).toEqual({});
  const { local } = lab.proxmox.world.storages;
  if (local) local.properties.disable = "1";
  await expect(image().read(id, outs)).rejects.toMatchObject({
    stack: expect.stringContaining("storage 'local' is disabled") as string,
  });
});

test("one that was replaced is drift, and up says what to do until it is right again", async () => {
  const { id, outs } = await image().create(inputs());
  const right = lab.proxmox.world.volumes[VOLUME];
  if (!right) throw new Error("no file");
  lab.proxmox.world.volumes[VOLUME] = { ...right, fileSize: 12, checksums: { sha256: "77".repeat(32) } };
  const seen = await image().read(id, outs);
  expect(seen.inputs?.changed).toBe(`${VOLUME} has 12 bytes, it had 400000000`);
  const again = image().update(id, seen.props ?? outs, inputs());
  await expect(again).rejects.toMatchObject({ stack: expect.stringContaining("is another file") as string });
  lab.proxmox.world.volumes[VOLUME] = right;
  expect((await image().update(id, seen.props ?? outs, inputs())).outs).toEqual(outs);
});

test("another address of the same file asks for nothing; another place is downloaded, and the old file stays", async () => {
  const { id, outs } = await image().create(inputs());
  lab.proxmox.world.web = { "https://*": FILE };
  lab.calls();
  const mirror = await image().update(id, outs, inputs({ url: "https://mirror.example/d.qcow2" }));
  expect(lab.writes()).toEqual({});
  const moved = await image().update(id, mirror.outs, inputs({ file: "debian-12-b.qcow2" }));
  expect(moved.outs.volume).toBe("local:import/debian-12-b.qcow2");
  expect(Object.keys(lab.proxmox.world.volumes).sort()).toEqual(["local:import/debian-12-b.qcow2", VOLUME]);
  expect(told).toEqual([`image debian-12-b.qcow2: ${VOLUME} is not the house's any more and stays where it is`]);
  await image().delete(id, moved.outs);
  expect(Object.keys(lab.proxmox.world.volumes)).toHaveLength(2);
});

test("adopting takes one over without a write, and makes none", async () => {
  await expect(image(true).create(inputs())).rejects.toMatchObject({
    stack: expect.stringContaining("adopting downloads nothing") as string,
  });
  await image().create(inputs());
  lab.calls();
  expect((await image(true).create(inputs())).outs).toMatchObject({ volume: VOLUME, size: 400_000_000 });
  expect(lab.writes()).toEqual({});
});

describe("check", () => {
  test.each([
    ["a name that Proxmox doesn't import", { file: "noble.img" }, "file: noble.img: Proxmox imports .qcow2"],
    ["a CD that is called otherwise", { file: "a.qcow2", content: "iso" }, "file: a.qcow2: a CD image is called .iso"],
    ["a checksum of another kind", { checksum: "md5:aa" }, "checksum: md5:aa: sha256: and 64"],
    ["an address that is none", { url: "debian-12.qcow2" }, "url: debian-12.qcow2: an address"],
    [
      "another checksum for the file that is there",
      { checksum: `sha512:${"AB".repeat(64)}` },
      "local:import/debian-12.qcow2 was downloaded with another one, and a file is never overwritten - give this one a name of its own (file: debian-12-abababab.qcow2)",
    ],
  ])("refuses %s", (_, more, said) => {
    const { failures } = checkImage(inputs(), { ...debian, ...more });
    const texts = failures.map(({ property, reason }) => `${property}: ${reason}`);
    expect(texts).toEqual([expect.stringContaining(said)]);
  });

  test("upper and lower case of a checksum are one, and what is unknown is taken for right", () => {
    expect(checkImage({}, { ...debian, checksum: `sha256:${SHA.toUpperCase()}` }).inputs).toEqual(inputs());
    expect(checkImage(inputs(), { ...debian, checksum: UNKNOWN, file: UNKNOWN }).failures).toEqual([]);
  });

  test("another file name goes with another checksum", () => {
    const more = { file: "debian-12-2.qcow2", checksum: `sha256:${"00".repeat(32)}` };
    expect(checkImage(inputs(), { ...debian, ...more }).failures).toEqual([]);
  });
});
