/** Guest resources on a simulated guest, over real SSH: made, found again, edited by hand, put right, cut in the middle. */
import { openGuest, LOOK, resourceOf, type TestGuest } from "./guest";
import { directoryKind } from "../../../providers/guest/kinds/directory";
import { dockerEngineKind } from "../../../providers/guest/kinds/dockerEngine";
import { fileKind } from "../../../providers/guest/kinds/file";
import { loginsKind } from "../../../providers/guest/kinds/logins";
import { nfsMountKind } from "../../../providers/guest/kinds/nfsMount";
import { packagesKind } from "../../../providers/guest/kinds/packages";
import { dropIn, sshServerKind } from "../../../providers/guest/kinds/sshServer";
import { systemdUnitKind } from "../../../providers/guest/kinds/systemdUnit";
import { upgradesKind } from "../../../providers/guest/kinds/upgrades";
import { userKind } from "../../../providers/guest/kinds/user";
import { freshLogin } from "../../../providers/guest/session";
import { newKey } from "../../../lab/ssh/keys";
import { connectHost } from "../../../providers/ssh/connectHost";
import { UNKNOWN } from "../../../providers/unknown";

let guest: TestGuest;

beforeEach(async () => {
  guest = await openGuest();
});

afterEach(async () => {
  const unknown = await guest.end();
  expect(unknown).toEqual([]);
});

const hand = async (...command: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await guest.by(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout;
};

const write = (path: string, content: string): Promise<void> =>
  guest.host.writeFile(path, content, { sudo: true, owner: "root:root" });

describe("a file", () => {
  const MOTD = { path: "/etc/motd", content: "hello\n", mode: "0640" };

  test("is made, reads back, and is not written again", async () => {
    const file = resourceOf(guest, fileKind);
    const state = await file.create(MOTD);
    expect(await hand("stat", "-L", "-c", "%a %U %G", "--", "/etc/motd")).toBe("640 root root\n");
    expect(await file.read(state)).toEqual(state);
    guest.sent();
    await file.update(state, MOTD);
    expect(guest.sent()).toEqual([LOOK]);
  });

  test("that is there as the house says is taken over without a write", async () => {
    await write("/etc/motd", "hello\n");
    guest.sent();
    await resourceOf(guest, fileKind).create({ path: "/etc/motd", content: "hello\n" });
    expect(guest.sent()).toEqual([LOOK]);
  });

  test("that was edited by hand shows it property by property, and is put back", async () => {
    const file = resourceOf(guest, fileKind);
    const state = await file.create(MOTD);
    await guest.host.writeFile("/etc/motd", "edited\n", { sudo: true, mode: 0o644, owner: "evan:evan" });
    expect(await file.read(state)).toEqual({
      ...state,
      content: "edited\n",
      mode: "0644",
      owner: "evan",
      group: "evan",
    });
    await file.update(state, MOTD);
    expect(await file.read(state)).toEqual(state);
    await hand("rm", "-f", "/etc/motd");
    expect(await file.read(state)).toBeUndefined();
  });

  test("whose content is refused leaves the former one in its place", async () => {
    const sudoers = { path: "/etc/sudoers.d/x", mode: "0440", validate: ["visudo", "-cqf", "%s"] };
    const file = resourceOf(guest, fileKind);
    const state = await file.create({ ...sudoers, content: "inspector ALL=(ALL) ALL\n" });
    await expect(file.update(state, { ...sudoers, content: "nonsense\n" })).rejects.toThrow(
      /file \/etc\/sudoers.d\/x on emby: .*visudo/s,
    );
    expect(await hand("ls", "-A", "--", "/etc/sudoers.d")).not.toContain("infinity-new");
    expect(await file.read(state)).toEqual(state);
  });

  test("has its reader told, by the next run where this one was cut off", async () => {
    await hand("apt-get", "install", "--", "docker.io");
    const spec = { path: "/etc/thing.conf", content: "a\n", reload: ["systemctl", "reload", "ssh"] };
    const file = resourceOf(guest, fileKind);
    guest.faults.add({ match: { operation: "sudo -n -- systemctl reload" }, kind: "cut-before" });
    await expect(file.create(spec)).rejects.toThrow(/connection ended/);
    const wanted = file.checked(spec);
    expect(await file.read(wanted)).toEqual({ ...wanted, loaded: false });
    guest.sent();
    const state = await file.create(spec);
    expect(guest.sent().filter((line) => line.includes("reload"))).toEqual(
      expect.arrayContaining(["sudo -n -- systemctl reload ssh"]),
    );
    expect(await file.read(state)).toEqual(state);
  });

  test("that is a link or a folder is not written over", async () => {
    await write("/etc/real", "x\n");
    await hand("ln", "-sfn", "/etc/real", "/etc/motd");
    await expect(resourceOf(guest, fileKind).create(MOTD)).rejects.toThrow("/etc/motd is a link");
    await hand("mkdir", "-p", "/etc/folder");
    await expect(resourceOf(guest, fileKind).create({ ...MOTD, path: "/etc/folder" })).rejects.toThrow(
      "there is a directory",
    );
  });

  test("goes only when the house said so before", async () => {
    const file = resourceOf(guest, fileKind);
    const state = await file.create(MOTD);
    await expect(file.lifecycle.delete("", state)).rejects.toThrow(/deletable: true and run up/);
    await file.lifecycle.delete("", { ...state, deletable: true });
    expect(await file.read(state)).toBeUndefined();
  });
});

test("a full disk is said, and leaves the former file whole", async () => {
  const file = resourceOf(guest, fileKind);
  const state = await file.create({ path: "/etc/motd", content: "hello\n" });
  guest.faults.add({
    match: { operation: /write \/etc\/motd/ },
    kind: "fail",
    stderr: "cat: write error: No space left on device",
  });
  await expect(file.update(state, { path: "/etc/motd", content: "longer\n" })).rejects.toThrow(
    /No space left on device/,
  );
  expect(await file.read(state)).toEqual(state);
});

describe("a folder", () => {
  test("is made with those above it, and its owner is put back", async () => {
    const folder = resourceOf(guest, directoryKind);
    const state = await folder.create({ path: "/srv/emby/config", owner: "1000", group: "1000" });
    expect(await folder.read(state)).toEqual(state);
    await guest.host.makeDirectory("/srv/emby/config", { sudo: true, mode: 0o700, owner: "root:root" });
    expect(await folder.read(state)).toMatchObject({ mode: "0700", owner: "0", group: "0" });
    await folder.update(state, { path: "/srv/emby/config", owner: "1000", group: "1000" });
    expect(await folder.read(state)).toEqual(state);
  });
});

describe("who may log in", () => {
  const LOGINS = { known: ["evan"] };

  test("is the house's users alone: one that somebody added is found, locked, and keeps all that is its own", async () => {
    const logins = resourceOf(guest, loginsKind);
    const state = await logins.create(LOGINS);
    expect(state.others).toEqual([]);
    await hand("useradd", "-m", "-s", "/bin/bash", "mallory");
    await hand("useradd", "-m", "-s", "/usr/sbin/nologin", "service");
    expect(await logins.read(state)).toEqual({ ...state, others: ["mallory"] });
    const key = newKey();
    await hand("mkdir", "-p", "/home/mallory/.ssh");
    await write("/home/mallory/.ssh/authorized_keys", `${key.public}\n`);
    await write("/etc/sudoers.d/mallory", "mallory ALL=(ALL) NOPASSWD: ALL\n");
    const target = { ...guest.target, user: "mallory", auth: { kind: "key", text: key.private } } as const;
    await freshLogin(target, { firstDelayMs: 1 });
    guest.sent();
    await logins.update({ ...state, others: ["mallory"] }, LOGINS);
    expect(guest.sent().filter((line) => line !== LOOK)).toEqual(["sudo -n -- usermod -L -e 1 -- mallory"]);
    expect(await logins.read(state)).toEqual(state);
    await expect(freshLogin(target, { firstDelayMs: 1 })).rejects.toThrow("doesn't let mallory in");
    expect(await hand("cat", "--", "/home/mallory/.ssh/authorized_keys")).toContain(key.public);
    await hand("usermod", "-U", "-e", "", "--", "mallory");
    await freshLogin(target, { firstDelayMs: 1 });
  });

  test("is refused to be decided where others were there before, and the one who logs in is never among them", async () => {
    const logins = resourceOf(guest, loginsKind);
    await logins.create({ known: [] });
    await hand("useradd", "-m", "-s", "/bin/bash", "sister");
    guest.sent();
    await expect(logins.create(LOGINS)).rejects.toThrow(
      /log-ins logins on emby: others may log in already: sister - name them in users/,
    );
    expect(guest.sent()).toEqual([LOOK]);
    await logins.create({ known: ["evan", "sister"] });
  });
});

describe("packages", () => {
  test("that are missing are installed, and no other is asked for", async () => {
    const packages = resourceOf(guest, packagesKind);
    guest.sent();
    const state = await packages.create({ set: "base", names: ["sudo", "nfs-common", "curl"] });
    expect(guest.sent().find((line) => line.includes("install"))).toMatch(/-- curl nfs-common$/);
    expect(await packages.read(state)).toEqual(state);
    guest.state.packages = guest.state.packages.filter((name) => name !== "curl");
    expect((await packages.read(state))?.names).toEqual(["nfs-common", "sudo"]);
  });

  test("that would push out an engine that is there are refused, and nothing is changed", async () => {
    const packages = resourceOf(guest, packagesKind);
    await hand("apt-get", "install", "--", "docker.io");
    guest.sent();
    const made = packages.create({ set: "base", names: ["docker-ce", "docker-compose-plugin"] });
    await expect(made).rejects.toThrow(/docker.io would have to go for docker-ce, .*apt-get remove docker.io/);
    expect(guest.sent()).toEqual([LOOK]);
  });

  test("that Debian doesn't have are named", async () => {
    const made = resourceOf(guest, packagesKind).create({ set: "base", names: ["no-such-thing"] });
    await expect(made).rejects.toThrow(/packages base on emby: .*Unable to locate package no-such-thing/s);
  });
});

describe("a user", () => {
  test("that cloud-init made is taken over without a write", async () => {
    guest.sent();
    const user = resourceOf(guest, userKind);
    await user.create({ name: "evan", sudo: "passwordless", authorizedKeys: [guest.publicKey] });
    expect(guest.sent()).toEqual([LOOK]);
  });

  test("is made with its groups and keys; what was added by hand is found and put right", async () => {
    guest.state.groups.docker = { gid: 998, members: [] };
    const [own, stranger] = [newKey().public, newKey().public];
    const spec = { name: "inspector", groups: ["docker"], sudo: "none", authorizedKeys: [own] } as const;
    const user = resourceOf(guest, userKind);
    const state = await user.create(spec);
    expect(await user.read(state)).toEqual(state);

    await guest.host.writeFile("/home/inspector/.ssh/authorized_keys", `${own}\n${stranger}\n`, { sudo: true });
    await hand("usermod", "-a", "-G", "sudo", "inspector");
    await hand("gpasswd", "-d", "inspector", "docker");
    const live = await user.read(state);
    expect(live).toMatchObject({ groups: [], sudo: "password" });
    expect(live?.authorizedKeys).toHaveLength(2);
    await user.update(state, spec);
    expect(await user.read(state)).toEqual(state);
    expect(guest.state.groups.sudo?.members).toEqual([]);
  });

  test("is let in by no key in sshd's other file either: found, and taken out once ours is there", async () => {
    const [own, stranger] = [newKey(), newKey()];
    const spec = { name: "inspector", authorizedKeys: [own.public] };
    const user = resourceOf(guest, userKind);
    const state = await user.create(spec);
    const second = "/home/inspector/.ssh/authorized_keys2";
    await write(second, `${stranger.public}\n`);
    await freshLogin({ ...guest.target, user: "inspector", auth: { kind: "key", text: stranger.private } }, {}).catch(
      (error: unknown) => {
        // It was let in; what it may not do is become root.
        expect((error as Error).message).toContain("may not become root");
      },
    );
    expect((await user.read(state))?.authorizedKeys).toEqual([own.public, stranger.public].sort());
    guest.sent();
    await user.update(state, spec);
    const sent = guest.sent().filter((line) => line !== LOOK);
    expect(sent.findIndex((line) => line.includes("authorized_keys 0600"))).toBeLessThan(
      sent.indexOf(`sudo -n -- rm -f ${second}`),
    );
    expect(await user.read(state)).toEqual(state);
  });

  test("who logs in by sshd's other file is not locked out by taking it away, and gets it back where that fails", async () => {
    const user = resourceOf(guest, userKind);
    const second = "/home/evan/.ssh/authorized_keys2";
    const text = `# by hand\n${guest.publicKey}\n`;
    await guest.host.writeFile(second, text, { sudo: true, mode: 0o640, owner: "evan:evan" });
    await hand("rm", "-f", "/home/evan/.ssh/authorized_keys");
    // It has the house's key already, wherever that stands.
    guest.sent();
    const state = await user.create({ name: "evan", authorizedKeys: [guest.publicKey] });
    expect(guest.sent()).toEqual([LOOK]);
    const other = newKey().public;
    await expect(user.update(state, { name: "evan", authorizedKeys: [other] })).rejects.toThrow("nothing was changed");
    guest.faults.add({ match: { operation: "sudo -n -- true" }, kind: "fail", stderr: "no", times: 1000 });
    const both = { name: "evan", authorizedKeys: [guest.publicKey, other] };
    await expect(user.update(state, both)).rejects.toThrow("sudo -n -- true");
    guest.faults.clear();
    expect(await hand("cat", "--", second)).toBe(text);
    expect(await hand("stat", "-L", "-c", "%a %U", "--", second)).toBe("640 evan\n");
    expect(await user.read(state)).toEqual(state);
    await user.update(state, both);
    expect((await user.read(user.checked(both)))?.authorizedKeys).toHaveLength(2);
  });

  test("whose key file others may write is found, and its own alone again", async () => {
    const user = resourceOf(guest, userKind);
    const state = await user.create({ name: "inspector", authorizedKeys: [newKey().public] });
    const keys = "/home/inspector/.ssh/authorized_keys";
    for (const loosened of [
      ["chmod", "666", keys],
      ["chown", "evan:", keys],
      ["chmod", "777", "/home/inspector/.ssh"],
      ["chmod", "775", "/home/inspector"],
    ]) {
      await hand(...loosened);
      expect(await user.read(state)).toEqual({ ...state, keysRead: false });
      await user.update(state, { name: "inspector", authorizedKeys: state.authorizedKeys });
      expect(await user.read(state)).toEqual(state);
    }
    expect(await hand("stat", "-L", "-c", "%a %U", "--", keys)).toBe("600 inspector\n");
  });

  test("is made where there is a group of its name, and has it as its own", async () => {
    guest.state.groups.family = { gid: 1700, members: [] };
    const user = resourceOf(guest, userKind);
    const state = await user.create({ name: "family", groups: ["family"] });
    expect(guest.state.accounts.family?.gid).toBe(1700);
    expect(await user.read(state)).toEqual(state);
  });

  test.each(["docker", "sudo", "adm"])("named like a powerful group is refused in the preview: %s", (name) => {
    const user = resourceOf(guest, userKind);
    expect(() => user.checked({ name })).toThrow(/"property":"name","reason":"\w+: the group of this name gives/);
    expect(user.checked({ name, groups: [name] })).toMatchObject({ name });
  });

  test("named like a group of the system isn't made, unless it is said to be in it", async () => {
    guest.state.groups.printers = { gid: 120, members: [] };
    const user = resourceOf(guest, userKind);
    guest.sent();
    await expect(user.create({ name: "printers" })).rejects.toThrow(/or list printers among its groups/);
    expect(guest.sent()).toEqual([LOOK]);
    await user.create({ name: "printers", groups: ["printers"] });
    expect(guest.state.accounts.printers?.gid).toBe(120);
  });

  test("that another sudoers file lets sudo is told with the file, the line and what to do, asked only then", async () => {
    const user = resourceOf(guest, userKind);
    const spec = { name: "inspector", sudo: "none" } as const;
    const state = await user.create(spec);
    await write(
      "/etc/sudoers.d/50-house",
      "# by hand\nevan,inspector ALL=(ALL) NOPASSWD: ALL\ninspector ALL=(root) /bin/ls\n",
    );
    await write("/etc/sudoers.d/60.bak", "inspector ALL=(ALL) ALL\n");
    guest.sent();
    await expect(user.update(state, spec)).rejects.toThrow(
      "it was changed, and still is not as wanted: " +
        'sudo: is "password", wanted "none"; it may by /etc/sudoers.d/50-house:2: evan,inspector ALL=(ALL) NOPASSWD: ALL; ' +
        "/etc/sudoers.d/50-house:3: inspector ALL=(root) /bin/ls - take that out on the guest " +
        "(visudo -f /etc/sudoers.d/50-house), or leave sudo out of the house",
    );
    expect(guest.sent().filter((line) => line === LOOK)).toHaveLength(3);
    await hand("rm", "-f", "/etc/sudoers.d/50-house");
    guest.sent();
    await user.update(state, spec);
    expect(guest.sent().filter((line) => line === LOOK)).toHaveLength(1);
  });

  test("that may by its number is told the line all the same, and a comment is none", async () => {
    const user = resourceOf(guest, userKind);
    const spec = { name: "inspector", sudo: "none" } as const;
    const state = await user.create(spec);
    const { uid = 0 } = guest.state.accounts.inspector ?? {};
    await write("/etc/sudoers.d/50-house", `# inspector ALL=(ALL) ALL\n#${uid} ALL=(ALL) NOPASSWD: ALL\n`);
    expect(await user.read(state)).toMatchObject({ sudo: "passwordless" });
    await expect(user.update(state, spec)).rejects.toThrow(
      `it may by /etc/sudoers.d/50-house:2: #${uid} ALL=(ALL) NOPASSWD: ALL - take that out`,
    );
  });

  test("becomes root on the guest as its sudoers say, and not otherwise", async () => {
    const user = resourceOf(guest, userKind);
    const spec = { name: "inspector", authorizedKeys: [guest.publicKey], sudo: "passwordless" } as const;
    const state = await user.create(spec);
    const host = connectHost({ ...guest.target, user: "inspector" });
    try {
      await host.run(["true"], { sudo: true });
      await user.update(state, { ...spec, sudo: "none" });
      await expect(host.run(["true"], { sudo: true })).rejects.toThrow("may not become root without a password");
      await hand("usermod", "-a", "-G", "sudo", "inspector");
      await expect(host.run(["true"], { sudo: true })).rejects.toThrow("may not become root without a password");
    } finally {
      await host.close();
    }
  });

  test("who logs in here is never locked out: without its key the former ones come back", async () => {
    const user = resourceOf(guest, userKind);
    const state = await user.create({ name: "evan", authorizedKeys: [guest.publicKey] });
    const changed = user.update(state, { name: "evan", authorizedKeys: [newKey().public] });
    await expect(changed).rejects.toThrow(/user evan on emby: .*(let|key)/s);
    expect(await user.read(state)).toEqual(state);
    await guest.host.close();
    expect((await guest.host.run(["true"], { sudo: true })).exitCode).toBe(0);
  });

  test.each([
    [{ name: "evan", sudo: "none" }, "sudo"],
    [{ name: "evan", authorizedKeys: [] }, "authorizedKeys"],
    [{ name: "inspector", sudo: "none", groups: ["sudo"] }, "groups"],
    [{ name: "Evan" }, "name"],
    [{ name: "evan", authorizedKeys: ["ssh-ed25519"] }, "authorizedKeys.0"],
  ])("is refused in the preview: %j", (spec, property) => {
    expect(() => resourceOf(guest, userKind).checked(spec as never)).toThrow(`"property":"${property}"`);
  });
});

describe("the SSH server", () => {
  test("is hardened by a drop-in; what another file says against it is found", async () => {
    const sshd = resourceOf(guest, sshServerKind);
    const state = await sshd.create({});
    expect(await sshd.read(state)).toEqual(state);
    await write("/etc/ssh/sshd_config.d/00-aaa.conf", "Match all\nPasswordAuthentication yes\n");
    expect(await sshd.read(state)).toMatchObject({ passwords: true, rootLogin: false });
    // Outside of a block nothing counts any more.
    await write("/etc/ssh/sshd_config.d/00-aaa.conf", "PasswordAuthentication yes\n");
    expect(await sshd.read(state)).toEqual(state);
  });

  test.each([
    ["the one who logs in", "Match User evan\n    PasswordAuthentication yes\n", "passwords"],
    ["somebody else", "Match User mallory\n    KbdInteractiveAuthentication yes\n", "passwords"],
    ["root from the neighbours", "Match Address 127.0.0.0/8\n    PermitRootLogin yes\n", "rootLogin"],
    ["a key of an authority's", "Match User root\n    TrustedUserCAKeys /etc/ssh/ca.pub\n", "otherKeys"],
    ["a network that nobody asked about", "Match Address 10.8.0.0/24\n    PermitRootLogin yes\n", "rootLogin"],
  ])("what a Match block allows %s is found, and in force no more", async (_, block, property) => {
    const sshd = resourceOf(guest, sshServerKind);
    // As an earlier version of the house wrote it: right as long as there is no block.
    const [settings = ""] = dropIn({}).split("Match all");
    await write("/etc/ssh/sshd_config.d/00-infinity-node.conf", settings);
    guest.sent();
    const state = await sshd.create({});
    expect(guest.sent()).toEqual([LOOK]);
    await write("/etc/ssh/sshd_config", `Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n${block}`);
    expect(await sshd.read(state)).toEqual({ ...state, [property]: true });
    await sshd.update(state, {});
    expect(await sshd.read(state)).toEqual(state);
    guest.sent();
    await sshd.update(state, {});
    expect(guest.sent()).toEqual([LOOK]);
  });

  test("keys that stand in no user's file let nobody in, unless the house says so", async () => {
    const sshd = resourceOf(guest, sshServerKind);
    await write(
      "/etc/ssh/sshd_config",
      "Include /etc/ssh/sshd_config.d/*.conf\nAuthorizedKeysCommand /usr/bin/tell-keys\n",
    );
    const open = await sshd.create({ otherKeys: true });
    expect(await sshd.read(open)).toEqual(open);
    expect(await sshd.read({ ...open, otherKeys: false })).toMatchObject({ otherKeys: true });
    const state = await sshd.update(open, {});
    expect(await sshd.read(state)).toEqual(state);
    expect(state).toMatchObject({ otherKeys: false });
    expect(await sshd.read(await sshd.update(state, { otherKeys: true }))).toEqual(open);
  });

  test("what is read before the house's file is named with file and line", async () => {
    await write("/etc/ssh/sshd_config.d/00-aaa.conf", "Match User mallory\n    PasswordAuthentication yes\n");
    await expect(resourceOf(guest, sshServerKind).create({})).rejects.toThrow(
      "/etc/ssh/sshd_config.d/00-aaa.conf:2: passwordauthentication yes (in the block Match User mallory) before",
    );
  });

  test("that doesn't read the folder is told, with the line that it lacks", async () => {
    await write("/etc/ssh/sshd_config", "UsePAM yes\n");
    await expect(resourceOf(guest, sshServerKind).create({})).rejects.toThrow(
      /is true, wanted false; .*sshd_config doesn't read .* put as its first line: Include \/etc\/ssh\/sshd_config.d\/\*.conf/,
    );
  });

  test("comes back as it was where nobody gets in any more", async () => {
    const sshd = resourceOf(guest, sshServerKind);
    guest.faults.add({ match: { operation: "sudo -n -- true" }, kind: "cut-before", times: 100 });
    await expect(sshd.create({})).rejects.toThrow("SSH server sshd on emby");
    guest.faults.clear();
    expect(await hand("ls", "-A", "--", "/etc/ssh/sshd_config.d")).toBe("");
    const state = await sshd.create({});
    expect(await sshd.read(state)).toEqual(state);
  });

  test("keeps root's log-in where root is who logs in", () => {
    const { checked } = resourceOf(guest, sshServerKind);
    expect(() => checked({ host: { ...guest.ref, user: "root" } } as never)).toThrow('"property":"rootLogin"');
  });
});

test("unattended upgrades are read as apt understands all its files", async () => {
  const upgrades = resourceOf(guest, upgradesKind);
  const state = await upgrades.create({ reboot: "04:30" });
  expect(await upgrades.read(state)).toEqual(state);
  await write("/etc/apt/apt.conf.d/99local", 'APT::Periodic::Unattended-Upgrade "0";\n');
  expect(await upgrades.read(state)).toMatchObject({ enabled: false, reboot: "04:30" });
});

test.each([
  ["switched off as a whole", 'APT::Periodic::Enable "0";\n'],
  ["weekly", 'APT::Periodic::Unattended-Upgrade "7";\n'],
  ["with lists of last week", 'APT::Periodic::Update-Package-Lists "7";\n'],
])(
  "unattended upgrades that were %s by hand are found, and what wins over the house's file is told",
  async (_, text) => {
    const upgrades = resourceOf(guest, upgradesKind);
    const state = await upgrades.create({ reboot: "04:30" });
    await write("/etc/apt/apt.conf.d/51local", text);
    // The house's own file is read after it.
    expect(await upgrades.read(state)).toEqual(state);
    await hand("mv", "-fT", "/etc/apt/apt.conf.d/51local", "/etc/apt/apt.conf.d/99local");
    expect(await upgrades.read(state)).toEqual({ ...state, enabled: false });
    await expect(upgrades.update(state, { reboot: "04:30" })).rejects.toThrow("enabled: is false, wanted true");
  },
);

test("unattended upgrades that come from nowhere are found, and get the system's security updates again", async () => {
  const upgrades = resourceOf(guest, upgradesKind);
  const state = await upgrades.create({});
  const own = "/etc/apt/apt.conf.d/52infinity-node";
  const text = await hand("cat", "--", own);
  await write(own, text.replaceAll(/^.*Origins-Pattern.*\n/gm, ""));
  expect(await upgrades.read(state)).toEqual({ ...state, enabled: false });
  // The package's own file names them: nothing is to be written.
  const theirs = 'Unattended-Upgrade::Allowed-Origins:: "${distro_id}:${distro_codename}-security";\n';
  await write("/etc/apt/apt.conf.d/50unattended-upgrades", theirs);
  guest.sent();
  await upgrades.update(state, {});
  expect(guest.sent()).toEqual([LOOK]);
  await hand("rm", "-f", "/etc/apt/apt.conf.d/50unattended-upgrades");
  await upgrades.update(state, {});
  expect(await hand("cat", "--", own)).toBe(text);
  expect(await upgrades.read(state)).toEqual(state);
});

test("unattended upgrades whose timers were stopped, disabled or masked by hand are found, and run again", async () => {
  const upgrades = resourceOf(guest, upgradesKind);
  const state = await upgrades.create({ reboot: "04:30" });
  const timer = guest.state.units["apt-daily-upgrade.timer"];
  for (const by of [{ active: false }, { enabled: false }, { active: false, enabled: false, masked: true }]) {
    Object.assign(timer ?? {}, by);
    expect(await upgrades.read(state)).toMatchObject({ enabled: false, reboot: "04:30" });
    await upgrades.update(state, { reboot: "04:30" });
    expect(await upgrades.read(state)).toEqual(state);
  }
  // Where they are switched off, nobody minds the timers.
  const off = await upgrades.update(state, { enabled: false });
  Object.assign(timer ?? {}, { active: false });
  expect(await upgrades.read(off)).toEqual(off);
});

describe("Docker Engine", () => {
  beforeEach(() => hand("apt-get", "install", "--", "docker.io"));

  test("keeps what else its daemon.json says, and is told in the order that stops no container", async () => {
    await hand("mkdir", "-p", "/etc/docker");
    await write("/etc/docker/daemon.json", '{"dns": ["192.168.86.1"]}');
    guest.sent();
    const engine = resourceOf(guest, dockerEngineKind);
    const state = await engine.create({});
    const sent = guest.sent().filter((line) => /systemctl|until/.test(line));
    expect(sent.map((line) => /reload|until|restart/.exec(line)?.[0])).toEqual(["reload", "until", "restart"]);
    expect(JSON.parse(await hand("cat", "--", "/etc/docker/daemon.json"))).toMatchObject({
      dns: ["192.168.86.1"],
      "live-restore": true,
      "log-opts": { "max-size": "10m", "max-file": "3" },
    });
    expect(await engine.read(state)).toEqual(state);
  });

  test("that can try its file does so first", async () => {
    guest.state.daemon.validates = true;
    guest.faults.add({ match: { operation: /--validate/ }, kind: "fail", stderr: "conflicting directives" });
    const engine = resourceOf(guest, dockerEngineKind);
    guest.sent();
    await expect(engine.create({})).rejects.toThrow("conflicting directives");
    expect(guest.sent().filter((line) => line.includes("systemctl"))).toEqual([]);
    expect(await hand("ls", "-A", "--", "/etc/docker")).toBe("");
    const state = await engine.create({});
    expect(await engine.read(state)).toEqual(state);
  });

  test("that doesn't start with it comes up again with what it had", async () => {
    await hand("mkdir", "-p", "/etc/docker");
    const former = '{"dns": ["192.168.86.1"]}';
    await write("/etc/docker/daemon.json", former);
    guest.faults.add({
      match: { operation: "sudo -n -- systemctl restart docker" },
      kind: "fail",
      stderr: "Job failed",
    });
    guest.sent();
    const engine = resourceOf(guest, dockerEngineKind);
    await expect(engine.create({})).rejects.toThrow(/Docker Engine docker on emby: .*Job failed/s);
    expect(await hand("cat", "--", "/etc/docker/daemon.json")).toBe(former);
    expect(
      guest
        .sent()
        .filter((line) => line.includes("systemctl"))
        .at(-1),
    ).toBe("sudo -n -- systemctl restart docker");
    const state = await engine.create({});
    expect(await engine.read(state)).toEqual(state);
  });

  test("that wouldn't start with the guest is found, and does again; nothing is restarted for it", async () => {
    const engine = resourceOf(guest, dockerEngineKind);
    const state = await engine.create({});
    const by = [
      { unit: "docker.service", change: { enabled: false } },
      { unit: "docker.service", change: { enabled: false, masked: true } },
      { unit: "docker.socket", change: { masked: true } },
      { unit: "containerd.service", change: { masked: true } },
    ];
    for (const { unit, change } of by) {
      Object.assign(guest.state.units[unit] ?? {}, change);
      expect(await engine.read(state)).toEqual({ ...state, atBoot: false });
      guest.sent();
      await engine.update(state, {});
      expect(guest.sent().filter((line) => line.includes("restart"))).toEqual([]);
      expect(await engine.read(state)).toEqual(state);
    }
  });

  test("that isn't there is said before anything is written", async () => {
    for (const unit of ["docker.service", "docker.socket", "containerd.service"])
      Reflect.deleteProperty(guest.state.units, unit);
    await expect(resourceOf(guest, dockerEngineKind).create({})).rejects.toThrow("there is no Docker on the guest");
    expect(await hand("ls", "-A", "--", "/etc")).not.toContain("docker");
  });

  test("that came without its docker command is told which package has it, before anything is written", async () => {
    guest.state.packages = guest.state.packages.filter((name) => name !== "docker.io");
    const engine = resourceOf(guest, dockerEngineKind);
    await expect(engine.create({})).rejects.toThrow(/no docker command: .* add docker-cli to docker.packages/);
    expect(await hand("ls", "-A", "--", "/etc")).not.toContain("docker");
    await hand("apt-get", "install", "--", "docker.io");
    const state = await engine.create({});
    expect(await engine.read(state)).toEqual(state);
  });

  test("whose daemon.json is broken is not guessed at", async () => {
    await hand("mkdir", "-p", "/etc/docker");
    await write("/etc/docker/daemon.json", "{");
    await expect(resourceOf(guest, dockerEngineKind).create({})).rejects.toThrow(/daemon.json is no JSON object/);
  });
});

describe("a unit", () => {
  const TIMER = { name: "backup.timer", content: "[Timer]\nOnCalendar=daily\n\n[Install]\nWantedBy=timers.target\n" };

  beforeEach(() => write("/etc/systemd/system/backup.service", "[Service]\nExecStart=/bin/true\n"));

  test("that starts another one which the guest hasn't got is refused before anything is written", async () => {
    const unit = resourceOf(guest, systemdUnitKind);
    const other = { ...TIMER, content: TIMER.content.replace("[Timer]", "[Timer]\nUnit=other.service") };
    await expect(unit.create(other)).rejects.toThrow(/it starts other.service, and the guest has no such unit/);
    expect(await hand("ls", "-A", "--", "/etc/systemd/system")).toBe("backup.service\n");
  });

  test.each([
    ["backup.timer", "[Unit]\nDescription=x\n", "has a [Timer] section"],
    ["backup.timer", "[Timer]\nPersistent=true\n", "OnCalendar=daily"],
    ["backup.service", "[Timer]\nOnCalendar=daily\n", "has a [Service] section"],
  ])("of a text that systemd doesn't take is refused in the preview: %s %j", (name, content, reason) => {
    const { lifecycle } = resourceOf(guest, systemdUnitKind);
    return expect(lifecycle.check({}, { host: guest.ref, name, content })).resolves.toMatchObject({
      failures: [{ property: "content", reason: expect.stringContaining(reason) as string }],
    });
  });

  test("is made, enabled and started; one that was stopped and edited by hand is put right", async () => {
    const unit = resourceOf(guest, systemdUnitKind);
    const state = await unit.create(TIMER);
    expect(await unit.read(state)).toEqual({ ...state, enabled: true, active: true });
    await hand("systemctl", "stop", "backup.timer");
    await write("/etc/systemd/system/backup.timer", TIMER.content.replace("daily", "hourly"));
    expect(await unit.read(state)).toMatchObject({
      active: false,
      content: expect.stringContaining("hourly") as string,
    });
    await unit.update(state, TIMER);
    expect(await unit.read(state)).toEqual(state);
  });

  test("that was cut off before systemd read it is taken up by the next run", async () => {
    const unit = resourceOf(guest, systemdUnitKind);
    guest.faults.add({ match: { operation: "sudo -n -- systemctl daemon-reload" }, kind: "cut-before" });
    await expect(unit.create(TIMER)).rejects.toThrow();
    expect(await unit.read(unit.checked(TIMER))).toMatchObject({ loaded: false });
    const state = await unit.create(TIMER);
    expect(await unit.read(state)).toEqual(state);
  });
});

describe("a mount of the NAS", () => {
  const NAS = { target: "/mnt/my-nas", source: "192.168.86.43:/volume1/infinity-node", version: "4.2" };

  test("is made on demand, before Docker, and read as the kernel has it", async () => {
    const mount = resourceOf(guest, nfsMountKind);
    const state = await mount.create({ ...NAS, readOnly: true });
    const unit = await hand("cat", "--", "/etc/systemd/system/mnt-my\\x2dnas.mount");
    // However often it fails: systemd never gives up on waiting there.
    expect(unit).toMatch(/^\[Unit\]\n(.+\n)*Before=docker.service\nStartLimitIntervalSec=0\n/m);
    expect(guest.state.mounts.map(({ type }) => type)).toEqual(["autofs", "nfs4"]);
    expect(await mount.read(state)).toEqual(state);
    guest.sent();
    await mount.update(state, { ...NAS, readOnly: true });
    expect(guest.sent()).toEqual([LOOK]);
  });

  test("that somebody unmounted, or mounted otherwise, is found and put right", async () => {
    const mount = resourceOf(guest, nfsMountKind);
    const state = await mount.create(NAS);
    guest.state.mounts = [];
    expect(await mount.read(state)).toMatchObject({ mounted: false, onDemand: true });
    await mount.update(state, NAS);
    expect(await mount.read(state)).toEqual(state);
    guest.state.mounts = [
      { target: NAS.target, type: "nfs4", source: "192.168.86.43:/volume2", options: "ro,soft,vers=4.2" },
    ];
    expect(await mount.read(state)).toMatchObject({ source: "192.168.86.43:/volume2", readOnly: true, away: "soft" });
    await mount.update(state, NAS);
    expect(await mount.read(state)).toEqual(state);
  });

  test("never covers files that lie there", async () => {
    await hand("mkdir", "-p", NAS.target);
    await write(`${NAS.target}/film.mkv`, "x");
    await expect(resourceOf(guest, nfsMountKind).create(NAS)).rejects.toThrow(
      /would cover them: film.mkv .*nothing was changed/s,
    );
    expect(guest.state.mounts).toEqual([]);
  });

  test("that was unmounted and disabled by hand is still known, and put right", async () => {
    const mount = resourceOf(guest, nfsMountKind);
    const state = await mount.create(NAS);
    await hand("systemctl", "disable", "--now", "mnt-my\\x2dnas.automount");
    guest.state.mounts = [];
    expect(await mount.read(state)).toEqual({ ...state, mounted: false, onDemand: false });
    await mount.update(state, NAS);
    expect(await mount.read(state)).toEqual(state);
  });

  test("whose unit was edited by hand is found while it is still in force, and put right without unmounting it", async () => {
    const mount = resourceOf(guest, nfsMountKind);
    const state = await mount.create(NAS);
    await write("/etc/systemd/system/mnt-my\\x2dnas.mount", "[Mount]\nWhat=nas:/other\nWhere=/mnt/my-nas\nType=nfs\n");
    expect(await mount.read(state)).toEqual({ ...state, onDemand: false });
    guest.sent();
    await mount.update(state, NAS);
    expect(guest.sent().filter((line) => / (stop|restart) /.test(line))).toEqual([]);
    expect(await mount.read(state)).toEqual(state);
  });

  test("that fstab has on demand already is not written again", async () => {
    const line =
      "192.168.86.43:/volume1/infinity-node /mnt/my-nas nfs rw,nfsvers=4.2,noatime,nofail,x-systemd.automount,x-systemd.before=docker.service 0 0";
    await write("/etc/fstab", `UUID=lab / ext4 defaults 0 1\n${line}\n`);
    guest.state.mounts = [{ target: NAS.target, type: "nfs4", source: NAS.source, options: "rw,hard,vers=4.2" }];
    guest.sent();
    const mount = resourceOf(guest, nfsMountKind);
    const state = await mount.create(NAS);
    expect(guest.sent()).toEqual([LOOK]);
    expect(await mount.read(state)).toEqual(state);
  });

  test("that fstab mounts at once gets there on demand: its line is changed, and what is mounted stays", async () => {
    const line = "192.168.86.43:/volume1/infinity-node /mnt/my-nas nfs defaults,noatime 0 0";
    await write("/etc/fstab", `UUID=lab / ext4 defaults 0 1\n${line}\n`);
    guest.state.mounts = [{ target: NAS.target, type: "nfs4", source: NAS.source, options: "rw,hard,vers=4.2" }];
    const mount = resourceOf(guest, nfsMountKind);
    guest.sent();
    const state = await mount.create(NAS);
    expect(guest.sent().filter((sent) => / (stop|start|restart) /.test(sent))).toEqual([]);
    expect(await hand("cat", "--", "/etc/fstab")).toMatch(
      /^UUID=lab .*\n\S+ \/mnt\/my-nas nfs rw,.*x-systemd.automount.*,noatime 0 0\n$/,
    );
    expect(await mount.read(state)).toEqual(state);
    expect(await hand("ls", "-A", "--", "/etc/systemd/system")).toBe("");
  });

  test("that fstab has otherwise is unmounted, and mounted by the changed line", async () => {
    await write("/etc/fstab", "192.168.86.43:/volume2 /mnt/my-nas nfs ro,nfsvers=4.2 0 0\n");
    guest.state.mounts = [
      { target: NAS.target, type: "nfs4", source: "192.168.86.43:/volume2", options: "ro,hard,vers=4.2" },
    ];
    const mount = resourceOf(guest, nfsMountKind);
    const state = await mount.create(NAS);
    expect(guest.state.mounts.map(({ type, source }) => [type, source])).toEqual([
      ["autofs", "systemd-1"],
      ["nfs4", NAS.source],
    ]);
    expect(await mount.read(state)).toEqual(state);
  });

  test("that stands in fstab goes with its line and no other, and may be gone already", async () => {
    const line = "192.168.86.43:/volume1/infinity-node /mnt/my-nas nfs rw,noatime,nofail,x-systemd.automount 0 0";
    const rest = "UUID=lab / ext4 defaults 0 1\n# by hand\n";
    await write("/etc/fstab", rest.replace("# by hand", `${line}\n# by hand`));
    guest.state.mounts = [{ target: NAS.target, type: "nfs4", source: NAS.source, options: "rw,hard,vers=4.2" }];
    const mount = resourceOf(guest, nfsMountKind);
    const state = { ...(await mount.create({ ...NAS, deletable: true })), deletable: true };
    await mount.lifecycle.delete("", state);
    expect(await hand("cat", "--", "/etc/fstab")).toBe(rest);
    expect(guest.state.mounts).toEqual([]);
    expect(await mount.lifecycle.read("", state)).toEqual({});
    await mount.lifecycle.delete("", state);
    expect(await hand("cat", "--", "/etc/fstab")).toBe(rest);
  });

  test.each([
    ["something else is mounted there", { mounted: "ext4", fstab: "" }, "/dev/sdb1 (ext4) is mounted at /mnt/my-nas"],
    ["fstab has something else there", { fstab: "/dev/sdb1 /mnt/my-nas ext4 defaults 0 2\n" }, "take that line out"],
  ])("is refused where %s, and nothing is changed", async (_, { fstab, ...there }, message) => {
    await write("/etc/fstab", fstab);
    const type = "mounted" in there ? there.mounted : undefined;
    guest.state.mounts = type === undefined ? [] : [{ target: NAS.target, type, source: "/dev/sdb1", options: "rw" }];
    guest.sent();
    await expect(resourceOf(guest, nfsMountKind).create(NAS)).rejects.toThrow(message);
    expect(guest.sent()).toEqual([LOOK]);
  });

  test("of a NAS that went away under it is not known, which is no drift", async () => {
    const mount = resourceOf(guest, nfsMountKind);
    const state = await mount.create(NAS);
    guest.state.nas = false;
    await expect(mount.read(state)).rejects.toThrow(/192.168.86.43:\/volume1\/infinity-node doesn't answer/);
    guest.state.nas = true;
    expect(await mount.read(state)).toEqual(state);
  });

  test("of a NAS that is away says so within its time, and is whole once it is back", async () => {
    guest.state.nas = false;
    const mount = resourceOf(guest, nfsMountKind);
    await expect(mount.create(NAS)).rejects.toThrow(/mount \/mnt\/my-nas on emby: .*stat/s);
    guest.state.nas = true;
    const state = await mount.create(NAS);
    expect(await mount.read(state)).toEqual(state);
  });
});

test("a look at a whole guest is a few commands, however many resources it has", async () => {
  const files = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((index) =>
      resourceOf(guest, fileKind).create({ path: `/etc/file-${index}`, content: "x\n" }),
    ),
  );
  const user = await resourceOf(guest, userKind).create({ name: "evan" });
  const upgrades = await resourceOf(guest, upgradesKind).create({});
  guest.sent();
  await Promise.all([
    ...files.map((state) => resourceOf(guest, fileKind).read(state)),
    resourceOf(guest, userKind).read(user),
    resourceOf(guest, upgradesKind).read(upgrades),
  ]);
  expect(guest.sent()).toEqual([LOOK]);
});

test("adopting takes over what is there, and changes nothing", async () => {
  await write("/etc/motd", "by hand\n");
  guest.sent();
  guest.adopting = "differing";
  const file = resourceOf(guest, fileKind);
  expect(await file.create({ path: "/etc/motd", content: "hello\n" })).toMatchObject({ content: "by hand\n" });
  guest.adopting = "matching";
  const refusal = file.create({ path: "/etc/motd", content: "a secret" });
  await expect(refusal).rejects.toThrow(/it differs from the house, so it was not taken over - content$/);
  await expect(file.create({ path: "/etc/none", content: "x" })).rejects.toThrow("it is not there");
  expect(new Set(guest.sent())).toEqual(new Set([LOOK]));
});

test("what is not known yet passes the check", () => {
  expect(() =>
    resourceOf(guest, fileKind).checked({ host: UNKNOWN, path: "/etc/motd", content: "x" } as never),
  ).not.toThrow();
});
