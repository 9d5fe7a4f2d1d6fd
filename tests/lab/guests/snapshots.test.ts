/** Kept guests: found again by what they are made of and by nothing else, whole or not at all, and not for ever. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { snapshotKey, Snapshots, type Makings } from "../../../lab/guests/snapshots";

const MAKINGS: Makings = {
  image: "51305c3c16534221",
  args: [
    "-m",
    "1024",
    "-drive",
    "file=/lab/100/scsi0.qcow2,format=qcow2",
    "-device",
    "virtio-net-pci,mac=BC:24:11:00:01:00",
  ],
  cloudInit: { "user-data": "hostname: emby", "meta-data": "instance-id: 1" },
  disks: { scsi0: 4, scsi1: 8 },
};

let dir: string;
let vm: string;
let snapshots: Snapshots;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "snapshots-"));
  vm = join(dir, "vm");
  mkdirSync(vm);
  snapshots = new Snapshots(join(dir, "kept"));
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

function diskWith(text: string): string {
  const file = join(dir, "scsi0.qcow2");
  writeFileSync(file, text);
  return file;
}

test("the same machine in another folder is the same", () => {
  const moved = MAKINGS.args.map((arg) => arg.replace("/lab/100/", "/tmp/elsewhere/7/"));
  const turned = { scsi1: 8, scsi0: 4 };
  expect(snapshotKey({ ...MAKINGS, args: moved, disks: turned })).toBe(snapshotKey(MAKINGS));
});

test.each<[string, Partial<Makings>]>([
  ["image", { image: "e82122645e846bdb" }],
  ["memory", { args: MAKINGS.args.map((arg) => (arg === "1024" ? "512" : arg)) }],
  ["card", { args: MAKINGS.args.map((arg) => arg.replace("01:00", "01:01")) }],
  ["slot", { args: MAKINGS.args.map((arg) => arg.replace("scsi0.", "scsi1.")) }],
  ["key", { cloudInit: { ...MAKINGS.cloudInit, "user-data": "hostname: arr" } }],
  ["stand-in", { cloudInit: { ...MAKINGS.cloudInit, "stand-ins.tar.sum": "1" } }],
  ["disk", { disks: { ...MAKINGS.disks, scsi1: 9 } }],
])("another %s is another machine", (_, other) => {
  expect(snapshotKey({ ...MAKINGS, ...other })).not.toBe(snapshotKey(MAKINGS));
});

test("what was kept is put back; what was not is not made up", async () => {
  await snapshots.keep("one", [diskWith("as it was")]);
  diskWith("changed since");
  expect(await snapshots.restore("one", vm)).toBe(true);
  expect(readFileSync(join(vm, "scsi0.qcow2"), "utf8")).toBe("as it was");
  expect(await snapshots.restore("two", vm)).toBe(false);
});

test("of two that keep the same, the first one's disks stay, and no draft is left", async () => {
  await snapshots.keep("one", [diskWith("first")]);
  await snapshots.keep("one", [diskWith("second")]);
  await expect(snapshots.keep("broken", [join(dir, "missing")])).rejects.toThrow("ENOENT");
  await snapshots.restore("one", vm);
  expect(readFileSync(join(vm, "scsi0.qcow2"), "utf8")).toBe("first");
  expect(readdirSync(join(dir, "kept"))).toEqual(["one"]);
});

test("the six that were used last stay", async () => {
  for (const [age, key] of ["a", "b", "c", "d", "e", "f"].entries()) {
    await snapshots.keep(key, [diskWith(key)]);
    utimesSync(join(dir, "kept", key), age, age);
  }
  await snapshots.restore("a", vm);
  await snapshots.keep("g", [diskWith("g")]);
  expect(readdirSync(join(dir, "kept")).sort()).toEqual(["a", "c", "d", "e", "f", "g"]);
});
