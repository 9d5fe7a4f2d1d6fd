/** The pure parts of guest resources: scripts against a real shell, names of units, tables of mounts, keys and rights. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { accounts, bareKey, groupsOf, openAccounts, sudoRight } from "../../../providers/guest/accounts";
import { WAITING } from "../../../providers/guest/apt";
import { answers, script, type Command, patienceMs, soon, within } from "../../../providers/guest/bulk";
import { escapeBlanks, fstabEntry, mountinfo, withLine } from "../../../providers/guest/mountTable";
import { fstabText, isRight } from "../../../providers/guest/nfsTexts";
import { targetOf } from "../../../providers/guest/settings";
import { escapePath } from "../../../providers/guest/units";

const inShell = (commands: readonly Command[], options = {}) => {
  const { stdout, stderr } = spawnSync("sh", { input: script(commands, "mark", options), encoding: "utf8" });
  return answers({ stdout, stderr }, "mark");
};

test("a script's commands get their arguments as they are, whatever is in them, and answer each for itself", () => {
  const hostile = fc.string({
    unit: fc.constantFrom("a", "'", '"', "\\", "$", "`", ";", "&", "|", "\n", " ", "*", "<", ">", "#", "-"),
  });
  fc.assert(
    fc.property(fc.array(fc.array(hostile, { maxLength: 3 }), { minLength: 1, maxLength: 4 }), (all) => {
      const found = inShell(all.map((args) => ["printf", "%s\\0", ...args]));
      expect(found.map(({ stdout }) => stdout.split("\0").slice(0, -1))).toEqual(
        all.map((args) => (args.length === 0 ? [""] : args)),
      );
    }),
    { numRuns: 40 },
  );
});

test("each command that may hang is ended, and what comes after it has the time that it would have had without", () => {
  const hanging = soon("docker", "ps");
  expect(hanging).toEqual(["timeout", "-s", "KILL", "45", "docker", "ps"]);
  expect(patienceMs([["true"]])).toBe(60_000);
  expect(patienceMs([hanging, ["timeout", "60", "sh"], hanging])).toBe(150_000);
  // With the time that TERM has.
  expect(patienceMs([within(600, ["true"])])).toBe(690_000);
});

test("exit codes and what went to stderr belong to their command; a script may end at its first failure", () => {
  const commands: Command[] = [["sh", "-c", "echo out; echo err >&2; exit 3"], ["cat"], ["echo", "last"]];
  expect(inShell(commands)).toEqual([
    { exitCode: 3, stdout: "out\n", stderr: "err" },
    { exitCode: 0, stdout: "", stderr: "" },
    { exitCode: 0, stdout: "last\n", stderr: "" },
  ]);
  expect(inShell(commands, { stopAtFailure: true })).toHaveLength(1);
});

test("what a log-in shell's start-up files print belongs to no command", () => {
  const input = `echo motd; echo warning >&2\n${script(
    [
      ["echo", "first"],
      ["echo", "second"],
    ],
    "mark",
  )}`;
  const { stdout, stderr } = spawnSync("sh", { input, encoding: "utf8" });
  expect(answers({ stdout, stderr }, "mark")).toEqual([
    { exitCode: 0, stdout: "first\n", stderr: "" },
    { exitCode: 0, stdout: "second\n", stderr: "" },
  ]);
});

describe("apt's lock", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "infinity-apt-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const LOCKED = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)";
  /** An apt that fails by these words as often. */
  const waiting = (seconds: number, words: string, times: number) => {
    const apt = `echo >>"$0/runs"; [ "$(wc -l <"$0/runs")" -gt ${times} ] || { echo "$1" >&2; exit 100; }`;
    const { status, stderr } = spawnSync(
      "sh",
      ["-c", WAITING, "apt", String(seconds), "sh", "-c", apt, folder, words],
      {
        encoding: "utf8",
      },
    );
    return { status, stderr, runs: readFileSync(join(folder, "runs"), "utf8").length };
  };

  test("that another one holds is waited for", () => {
    expect(waiting(60, LOCKED, 1)).toEqual({ status: 0, stderr: "", runs: 2 });
  });

  test("is given up on after its time, and every other failure at once", () => {
    expect(waiting(0, LOCKED, 9)).toEqual({ status: 100, stderr: `${LOCKED}\n`, runs: 1 });
    rmSync(join(folder, "runs"));
    expect(waiting(60, "E: Unable to locate package x", 9)).toMatchObject({ status: 100, runs: 1 });
  });
});

test.each([
  ["/mnt/nas", "mnt-nas"],
  ["/mnt/my-nas", "mnt-my\\x2dnas"],
  ["/srv/.x/ä", "srv-.x-\\xc3\\xa4"],
  ["/.hidden", "\\x2ehidden"],
  ["/", "-"],
])("%s is systemd's %s", (path, name) => {
  expect(escapePath(path)).toBe(name);
});

test("what is mounted is read from the kernel's table, blanks and all", () => {
  const text = [
    "24 29 0:22 / /proc rw,nosuid shared:5 - proc proc rw",
    "50 28 0:44 / /mnt/my\\040nas rw,relatime shared:30 - autofs systemd-1 rw,fd=39",
    "51 50 0:45 / /mnt/my\\040nas ro,relatime shared:31 master:2 - nfs4 192.168.86.43:/volume1/x ro,vers=4.2,hard,addr=192.168.86.43",
    "",
  ].join("\n");
  const [, , nas] = mountinfo(text);
  expect(nas).toEqual({
    target: "/mnt/my nas",
    device: "0:45",
    root: "/",
    type: "nfs4",
    source: "192.168.86.43:/volume1/x",
    options: ["ro", "relatime", "vers=4.2", "hard", "addr=192.168.86.43"],
  });
});

test("one line of fstab is found and changed, and no other", () => {
  const text = "# /mnt/nas\nUUID=x / ext4 defaults 0 1\nnas:/old /mnt/nas/ nfs ro 0 0\nnas:/b /mnt/nas2 nfs ro 0 0\n";
  expect(fstabEntry(text, "/mnt/nas")).toEqual({ line: 2, source: "nas:/old", type: "nfs", options: ["ro"] });
  expect(fstabEntry(text, "/mnt/none")).toBeUndefined();
  expect(withLine(text, 2, "X")).toBe("# /mnt/nas\nUUID=x / ext4 defaults 0 1\nX\nnas:/b /mnt/nas2 nfs ro 0 0\n");
  expect(escapeBlanks("/mnt/a b\\c")).toBe("/mnt/a\\040b\\134c");
});

test("a line of fstab keeps what the house doesn't decide, and mounts on demand", () => {
  const share = { target: "/mnt/nas", source: "nas:/x", version: "4.2" };
  const entry = fstabEntry("nas:/x /mnt/nas nfs defaults,noauto,ro,vers=3,rsize=65536,noatime 0 0", "/mnt/nas");
  const line = fstabText(share, entry);
  expect(line).toBe(
    "nas:/x /mnt/nas nfs rw,nfsvers=4.2,hard,_netdev,nofail,x-systemd.automount,x-systemd.before=docker.service,rsize=65536,noatime 0 0",
  );
  const again = fstabEntry(line, "/mnt/nas");
  expect(fstabText(share, again)).toBe(line);
  expect([entry, again].map((each) => each && isRight(each, share))).toEqual([false, true]);
  expect(fstabText({ ...share, version: undefined }, entry)).toContain("vers=3");
});

test("users and their groups are read from getent", () => {
  const [root, evan] = accounts("root:x:0:0:root:/root:/bin/bash\nevan:x:1000:1000:Evan,,,:/home/evan:/bin/sh\n");
  expect(root?.home).toBe("/root");
  expect(evan).toEqual({ name: "evan", uid: 1000, gid: 1000, home: "/home/evan", shell: "/bin/sh" });
  const groups = "sudo:x:27:anna,evan\ndocker:x:998:\nevan:x:1000:\n";
  expect(groupsOf(groups, { name: "evan", gid: 1000 })).toEqual(["evan", "sudo"]);
});

test.each([
  ["User x is not allowed to run sudo on host.", "none"],
  ["User x may run the following commands on host:\n    (ALL : ALL) ALL", "password"],
  [
    "Matching Defaults entries for x:\n    env_reset\n\nUser x may run:\n    (ALL : ALL) ALL\n    (ALL) NOPASSWD: ALL",
    "passwordless",
  ],
  ["User x may run:\n    (root) NOPASSWD: /usr/bin/docker", "password"],
  ["User x may run:\n    (ALL) NOPASSWD: ALL\n    (ALL : ALL) ALL", "password"],
  ["User x may run:\n    (ALL) SETENV: NOPASSWD: ALL", "passwordless"],
])("what sudo says of a user is understood: %#", (text, right) => {
  expect(sudoRight(text)).toBe(right);
});

test("a key is the same key with options and comment", () => {
  expect(bareKey('from="10.0.0.0/8",no-pty ssh-ed25519 AAAAC3Nz evan@laptop')).toBe("ssh-ed25519 AAAAC3Nz");
  expect(bareKey("not a key")).toBeUndefined();
});

describe("a guest is reached", () => {
  const EMBY = { name: "emby", address: "192.168.86.172", user: "evan", hostKey: "SHA256:x" };
  const env = (ssh: object): NodeJS.ProcessEnv => ({ PULUMI_CONFIG: JSON.stringify({ ssh: JSON.stringify(ssh) }) });

  test("by today's key, at the recorded address", () => {
    expect(targetOf(env({ key: "PRIVATE" }), EMBY)).toMatchObject({
      address: "192.168.86.172",
      user: "evan",
      hostKey: "SHA256:x",
      auth: { kind: "key", text: "PRIVATE" },
    });
  });

  test("elsewhere, and by way of another host, where the configuration says so", () => {
    const target = targetOf(
      env({
        agent: "/run/agent",
        hosts: { emby: { address: "127.0.0.1", port: 2201 } },
        jump: { address: "10.0.0.1", user: "jump" },
      }),
      EMBY,
    );
    expect(target).toMatchObject({ address: "127.0.0.1", port: 2201, auth: { kind: "agent", socket: "/run/agent" } });
    expect(target.jump).toMatchObject({ address: "10.0.0.1", user: "jump", auth: { kind: "agent" } });
    // Nobody keeps the first one seen.
    expect(target.jump).toMatchObject({ hostKeyRequired: true, setting: "pulumi-nodejs:ssh.jump" });
  });

  test("not by a configuration that can't be read, of which no key is shown", () => {
    expect(() => targetOf(env({ key: 5 }), EMBY)).toThrow(/^ssh.key: /);
    expect(() => targetOf({ PULUMI_CONFIG: JSON.stringify({ ssh: "{secret" }) }, EMBY)).toThrow(
      /^ssh: is no JSON - (?!.*\{secret)/,
    );
  });
});

test("accounts of people and others with root's rights may log in, while they have a shell and did not expire", () => {
  const passwd = accounts(
    [
      "root:x:0:0:root:/root:/bin/bash",
      "toor:x:0:0::/root:/bin/sh",
      "postgres:x:107:113::/var/lib/postgresql:/bin/bash",
      "evan:x:1000:1000::/home/evan:/bin/bash",
      "old:x:1001:1001::/home/old:/bin/bash",
      "locked:x:1002:1002::/home/locked:/bin/bash",
      "soon:x:1003:1003::/home/soon:/bin/bash",
      "robot:x:1004:1004::/srv/robot:/usr/sbin/nologin",
      "nobody:x:65534:65534::/nonexistent:/bin/sh",
      "",
    ].join("\n"),
  );
  const now = 20_000 * 86_400_000;
  const expiries = "root:\nevan:\nold:19999\nlocked:1\nsoon:20001\n";
  expect(openAccounts(passwd, expiries, now)).toEqual(["root", "toor", "evan", "soon"]);
});
