import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { LabFiles } from "../../../lab/ssh/files";

describe("the files of a host of the lab", () => {
  let outside: string;
  let root: string;
  let files: LabFiles;

  beforeEach(async () => {
    outside = mkdtempSync(join(tmpdir(), "infinity-files-"));
    root = join(outside, "root");
    await mkdir(join(root, "etc"), { recursive: true });
    writeFileSync(join(outside, "secret"), "not the host's");
    writeFileSync(join(root, "etc/motd"), "hello");
    files = new LabFiles(root);
  });

  afterEach(() => {
    rmSync(outside, { recursive: true, force: true });
  });

  it("lets no path and no link out of the folder", async () => {
    symlinkSync(outside, join(root, "out"));
    symlinkSync("../../..", join(root, "etc/up"));
    symlinkSync("/etc/motd", join(root, "motd"));
    const parts = fc.array(fc.constantFrom("..", ".", "", "etc", "out", "up", "motd", "secret", "x"), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(parts, fc.boolean(), async (path, follow) => {
        const real = await files.real(path.join("/"), follow);
        expect(real === root || real === `${root}/` || real.startsWith(`${root}/`)).toBe(true);
      }),
    );
    expect(await files.resolved("/motd", true)).toBe("/etc/motd");
    await expect(files.status("/out/secret", true)).rejects.toThrow("ENOENT");
  });

  it("ends at links in a circle", async () => {
    symlinkSync("b", join(root, "a"));
    symlinkSync("a", join(root, "b"));
    await expect(files.status("/a", true)).rejects.toThrow("ELOOP");
    expect((await files.status("/a", false)).mode & 0o170000).toBe(0o120000);
  });

  it("records owners and modes for the next run, and they move with what they are of", async () => {
    await files.own("/etc/motd", { mode: 0o600, uid: 7, gid: 8 });
    await files.own("/etc", { mode: 0o700 });
    await files.moved("/etc", "/usr");
    await mkdir(join(root, "usr"));
    writeFileSync(join(root, "usr/motd"), "hello");
    const again = new LabFiles(root);
    expect(await again.status("/usr/motd", true)).toMatchObject({ uid: 7, gid: 8, mode: 0o100600 });
    expect(await again.status("/etc/motd", true)).toMatchObject({ uid: 0, mode: 0o100644 });
  });

  it("gives rights to owner, group and others", async () => {
    await files.own("/etc/motd", { mode: 0o640, uid: 1000, gid: 100 });
    const may = (uid: number, gid: number, right: 4 | 2) => files.demand({ uid, gid }, "/etc/motd", right);
    await expect(may(1000, 1, 2)).resolves.toBeUndefined();
    await expect(may(1, 100, 4)).resolves.toBeUndefined();
    await expect(may(1, 100, 2)).rejects.toThrow("EACCES");
    await expect(may(1, 1, 4)).rejects.toThrow("EACCES");
    await expect(may(0, 0, 2)).resolves.toBeUndefined();
  });
});
