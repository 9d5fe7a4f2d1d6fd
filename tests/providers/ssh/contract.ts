/** What every host has to do, the lab's and a real sshd alike. */
import type { Host } from "../../../providers/ssh/host";

export interface ContractHosts {
  /** Logged in as a user who may sudo without a password, in whose `home` it may write. */
  readonly user: () => Host;
  readonly home: string;
  /** A folder that only root may enter. */
  readonly locked: string;
}

export function hostContract({ user, home, locked }: ContractHosts): void {
  const path = `${home}/a b'c $(id)`;

  it("writes a file whole, reads it back, replaces and removes it", async () => {
    const large = Buffer.from("0123456789abcdef".repeat(20_000));
    await user().writeFile(path, large, { mode: 0o640 });
    expect((await user().readFile(path))?.equals(large)).toBe(true);
    expect(await user().stat(path)).toMatchObject({ kind: "file", size: large.length, mode: 0o640 });
    await user().writeFile(path, "short", { mode: 0o600 });
    expect((await user().readFile(path))?.toString()).toBe("short");
    expect(await user().stat(path)).toMatchObject({ size: 5, mode: 0o600 });
    // Nothing is left beside it.
    expect((await user().list(home))?.filter((name) => name.includes("infinity"))).toEqual([]);
    await user().removeFile(path);
    await user().removeFile(path);
    expect(await user().readFile(path)).toBeUndefined();
    expect(await user().stat(path)).toBeUndefined();
  });

  it("does the same as root, with owners by name", async () => {
    const secret = `${locked}/it's secret`;
    await user().makeDirectory(locked, { sudo: true, mode: 0o700, owner: "root:root" });
    await user().writeFile(secret, "root's\n", { sudo: true, mode: 0o600, owner: "root:root" });
    expect(await user().stat(secret, { sudo: true })).toMatchObject({
      kind: "file",
      size: 7,
      mode: 0o600,
      uid: 0,
      gid: 0,
    });
    expect((await user().readFile(secret, { sudo: true }))?.toString()).toBe("root's\n");
    expect(await user().list(locked, { sudo: true })).toEqual(["it's secret"]);
    await user().removeFile(secret, { sudo: true });
    await user().removeFile(secret, { sudo: true });
    expect(await user().readFile(secret, { sudo: true })).toBeUndefined();
    expect(await user().stat(secret, { sudo: true })).toBeUndefined();
    expect(await user().stat(locked, { sudo: true })).toMatchObject({ kind: "directory", mode: 0o700 });
  });

  it("says where a file is not for this user, and where its folder is missing", async () => {
    await user().makeDirectory(locked, { sudo: true, mode: 0o700, owner: "root:root" });
    await expect(user().writeFile(`${locked}/x`, "x")).rejects.toMatchObject({
      kind: "file",
      text: "Permission denied",
      noEffect: true,
    });
    await expect(user().writeFile(`${home}/none/x`, "x")).rejects.toThrow(`make ${home}/none before`);
    expect(await user().list(`${home}/none`)).toBeUndefined();
    expect(await user().list(`${home}/none`, { sudo: true })).toBeUndefined();
  });

  it("refuses a command that there is not, and shows the end of what it said", async () => {
    const refused = user().run(["no-such-command-here", "s3cret"], { mask: ["s3cret"] });
    await expect(refused).rejects.toMatchObject({ kind: "exit", exitCode: 127, noEffect: true });
    await expect(refused).rejects.toThrow(/no-such-command-here \[secret\]: exit code 127/);
  });
}
