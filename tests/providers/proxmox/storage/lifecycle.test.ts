/** The life of a storage's definition against the lab's Proxmox. */
import { checkStorage } from "../../../../providers/proxmox/storage/check";
import type { StorageInputs } from "../../../../providers/proxmox/storage/inputs";
import { storageLifecycle } from "../../../../providers/proxmox/storage/lifecycle";
import { startLab, type Lab } from "../lab";

let lab: Lab;
const storage = storageLifecycle(() => lab.client);
/** With nothing remembered of earlier listings. */
const fresh = () => {
  const client = lab.anotherClient();
  return storageLifecycle(() => client);
};

beforeEach(async () => {
  lab = await startLab();
  await lab.client.get("/version");
  lab.calls();
});

afterEach(() => lab.close());

function checked(spec: object): StorageInputs {
  const { inputs, failures } = checkStorage({}, spec);
  expect(failures).toEqual([]);
  return inputs;
}

const NAS = {
  storage: "NAS",
  type: "nfs",
  server: "192.168.86.43",
  export: "/volume1/infinity-node/",
  content: ["images", "iso", "backup"],
};
const LOCAL = { storage: "local", type: "dir", path: "/var/lib/vz", content: ["vztmpl", "iso", "backup"] };

describe("a storage", () => {
  test.each([
    ["an NFS export", NAS],
    [
      "a directory",
      { storage: "media", type: "dir", path: "/srv/media", content: ["iso"], nodes: ["infinity-node"], enabled: false },
    ],
    [
      "a thin pool",
      { storage: "fast", type: "lvmthin", volumeGroup: "pve", thinPool: "data", content: ["images", "rootdir"] },
    ],
  ])("%s is made, and reads back as it was asked for", async (_, spec) => {
    const inputs = checked(spec);
    const { id, outs } = await storage.create(inputs);
    expect(id).toBe(spec.storage);
    expect(JSON.stringify((await fresh().read(id, outs)).inputs)).toBe(JSON.stringify(inputs));
    lab.calls();
    await storage.update(id, outs, inputs);
    expect(lab.writes()).toEqual({});
  });

  test("that is there as the house says is taken over without a write", async () => {
    const inputs = checked(LOCAL);
    const { outs } = await storage.create(inputs);
    expect(outs).toEqual({ ...inputs, acknowledged: {} });
    expect(lab.writes()).toEqual({});
  });

  test("that is there and differs is left alone, and the difference is told", async () => {
    await expect(storage.create(checked({ ...LOCAL, path: "/srv", content: ["images"] }))).rejects.toThrow(
      /storage local: .*differs, so nothing was changed.*path: has \/var\/lib\/vz, the house says \/srv/,
    );
    expect(lab.writes()).toEqual({});
  });

  test("is found again after a run that was killed before it was recorded", async () => {
    lab.proxmox.faults.add({ match: { method: "POST", path: "/storage" }, kind: "drop-after" });
    const inputs = checked(NAS);
    await expect(storage.create(inputs)).rejects.toThrow("storage NAS: ");
    expect((await fresh().create(inputs)).outs).toEqual({ ...inputs, acknowledged: {} });
  });

  test("is changed in place, by what differs only, with its digest and without a fixed field", async () => {
    const { outs } = await storage.create(checked(NAS));
    lab.calls();
    const news = checked({ ...NAS, content: ["images", "iso"], enabled: false });
    await storage.update("NAS", outs, news);
    const [put] = lab.proxmox.calls.list.filter(({ method }) => method === "PUT");
    expect(put?.params).toEqual({ content: "images,iso", disable: "1", digest: expect.any(String) as string });
    expect((await fresh().read("NAS", news)).inputs).toEqual(news);
    const back = checked({ ...NAS, content: ["images", "iso"], enabled: true });
    await storage.update("NAS", news, back);
    expect((await fresh().read("NAS", back)).inputs).toEqual(back);
  });

  test("that was edited behind the house's back shows it, where the house names it", async () => {
    const wanted = checked({ ...NAS, nodes: [] });
    const { outs } = await storage.create(wanted);
    await lab.client.put("/storage/NAS", { content: "iso,backup", nodes: "infinity-node" });
    const { inputs, props } = await fresh().read("NAS", outs);
    expect(inputs).toEqual({ ...wanted, content: ["backup", "iso"], nodes: ["infinity-node"] });
    await storage.update("NAS", props ?? outs, wanted);
    expect((await fresh().read("NAS", outs)).inputs).toEqual(wanted);
  });

  test("looks again where somebody else changed the definitions in between", async () => {
    const { outs } = await storage.create(checked(NAS));
    const text = "update storage failed: detected modified configuration - file changed by other user? Try again.";
    lab.proxmox.faults.add({ match: { method: "PUT", path: "/storage" }, kind: "status", status: 500, text });
    const news = checked({ ...NAS, content: ["iso"] });
    await storage.update("NAS", outs, news);
    expect((await fresh().read("NAS", news)).inputs).toEqual(news);
  });

  test("is read for all of them in one call", async () => {
    const states = await Promise.all([storage.create(checked(NAS)), storage.create(checked(LOCAL))]);
    lab.calls();
    const reader = fresh();
    await Promise.all(states.map(({ id, outs }) => reader.read(id, outs)));
    expect(lab.calls()).toEqual({ "GET /storage": 1 });
  });

  test("that is gone reads as gone; where that can't be known, reading fails", async () => {
    const state = checked(NAS);
    expect(await storage.read("NAS", state)).toEqual({});
    lab.proxmox.faults.add({
      match: { path: "/storage/NAS" },
      kind: "status",
      status: 403,
      text: "Permission check failed",
    });
    await expect(fresh().read("NAS", state)).rejects.toThrow("Permission check failed");
  });

  test("goes only when the house said so in an earlier run", async () => {
    const { outs } = await storage.create(checked(NAS));
    await expect(storage.delete("NAS", outs)).rejects.toThrow(/deletable: true and run up/);
    await storage.delete("NAS", { ...outs, deletable: true });
    expect(await fresh().read("NAS", outs)).toEqual({});
    await storage.delete("NAS", { ...outs, deletable: true });
  });
});

describe("a server that moved", () => {
  const moved = { ...NAS, server: "192.168.86.44" };

  test("does not hide the rest of a preview, which says what a person has to do", async () => {
    const told: string[] = [];
    const client = () => lab.client;
    const telling = storageLifecycle(client, undefined, (text) => told.push(text));
    expect((await telling.check(checked(NAS), moved)).failures).toEqual([]);
    expect(told).toEqual([
      expect.stringMatching(/^storage NAS: server: 192\.168\.86\.44: Proxmox has 192\.168\.86\.43.*storage\.cfg/),
    ]);
    await telling.check(checked(NAS), NAS);
    expect(told).toHaveLength(1);
    expect(lab.calls()).toEqual({});
  });

  test("stops up without a write, until Proxmox has it", async () => {
    const { outs } = await storage.create(checked(NAS));
    lab.calls();
    await expect(storage.update("NAS", outs, checked(moved))).rejects.toThrow(/Proxmox has 192\.168\.86\.43/);
    expect(lab.writes()).toEqual({});
    // As a person does in storage.cfg.
    Object.assign(lab.proxmox.world.storages.NAS?.properties ?? {}, { server: "192.168.86.44" });
    expect((await fresh().read("NAS", outs)).inputs).toMatchObject({ server: "192.168.86.44" });
    await storage.update("NAS", outs, checked(moved));
    expect(lab.writes()).toEqual({});
  });
});

describe("check of a storage", () => {
  const failures = (news: object, olds: object = {}): string[] =>
    checkStorage(olds, news).failures.map(({ property, reason }) => `${property}: ${reason}`);

  test.each([
    ["an unknown type", { ...LOCAL, type: "zfs" }, "type: zfs: the type is dir, lvmthin or nfs"],
    ["a relative path", { ...LOCAL, path: "srv" }, "path: srv: an absolute path"],
    ["an id of one letter", { ...LOCAL, storage: "l" }, "storage: l: a storage id is a letter first"],
    ["a property of another type", { ...LOCAL, server: "nas" }, "server: no such property"],
    ["an unknown kind of content", { ...LOCAL, content: ["disks"] }, "content.0: disks: "],
  ])("refuses %s", (_, news, message) => {
    const found = failures(news);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  test.each([["export", { ...NAS, export: "/volume2" }, "export: /volume2: it is /volume1/infinity-node"]])(
    "refuses another %s and says what to do",
    (_, news, message) => {
      const found = failures(news, checked(NAS));
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(message);
      expect(found[0]).toContain("add it under an id of its own");
    },
  );
});
