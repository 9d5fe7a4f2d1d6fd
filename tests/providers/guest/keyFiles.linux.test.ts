/** A user's key files: the script by a real shell on real files, and what is made of its answer. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { linesIn, lookAtKeyFiles, ownFile, seenKeyFiles, type KeyFiles } from "../../../providers/guest/keyFiles";
import { areRead, keySteps } from "../../../providers/guest/keySteps";
import { newKey } from "../../../lab/ssh/keys";

const [OWN, STRANGER] = [newKey().public, newKey().public];

let folder: string;
let home: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infinity keys "));
  home = join(folder, "home of evan");
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  mkdirSync(join(folder, "bin"));
  stub("getent", `echo "evan:x:1000:1000:Evan, at home:${home}:/bin/bash"`);
  stub("sshd", "exit 1");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A program that stands before the real one. */
function stub(name: string, text: string): void {
  writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

function put(path: string, content: string, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}

function look(): KeyFiles {
  const [program, ...args] = lookAtKeyFiles({ user: "evan", address: "192.168.86.172" });
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH ?? ""}`, LC_ALL: "C" };
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: "utf8" });
  return seenKeyFiles({ exitCode: status ?? -1, stdout, stderr });
}

const file = (name: string): string => join(home, ".ssh", name);

test("both files of sshd's default are read, where sshd doesn't say which it reads", () => {
  put(file("authorized_keys"), `# mine\n${OWN}`);
  put(file("authorized_keys2"), `${STRANGER}\n`, 0o644);
  const seen = look();
  expect(linesIn(seen, [OWN])).toEqual([OWN, STRANGER].sort());
  expect(seen.files.map(({ path, text }) => [path, text])).toEqual([
    [file("authorized_keys"), `# mine\n${OWN}\n`],
    [file("authorized_keys2"), `${STRANGER}\n`],
  ]);
  expect(seen.holders[file("authorized_keys2")]?.mode).toBe("644");
  expect(ownFile(seen).path).toBe(file("authorized_keys"));
});

test("nothing there is nothing, also for a user that isn't there yet", () => {
  stub("getent", "exit 2");
  const seen = look();
  expect(linesIn(seen, [])).toEqual([]);
  expect(ownFile(seen)).toEqual({ path: "/home/evan/.ssh/authorized_keys", place: "other", text: undefined });
});

test("sshd is asked for the user, and the files that it names are read: the user's own, and one for everybody", () => {
  put(join(folder, "keys/evan"), `${OWN}\n`);
  put(join(folder, "all"), `${STRANGER}\n`);
  const asked = "user=evan,host=192.168.86.172,addr=192.168.86.172,laddr=192.168.86.172,lport=22";
  // Names with a blank can't stand there; a link can.
  const short = mkdtempSync(join(tmpdir(), "infinity-keys-"));
  try {
    symlinkSync(folder, join(short, "k"));
    const names = `${short}/k/keys/%u ${short}/k/all none`;
    stub("sshd", `[ "$*" = "-T -C ${asked}" ] && echo "authorizedkeysfile ${names}"`);
    const seen = look();
    expect(linesIn(seen, [OWN])).toEqual([OWN, STRANGER].sort());
    expect(ownFile(seen).path).toBe(`${short}/k/keys/evan`);
    const wanted = { name: "evan", home, uid: 1000, keys: [OWN], ourselves: false };
    expect(() => keySteps(seen, wanted)).toThrow(`${short}/k/all: sshd lets every user in by its keys`);
    // What it doesn't read lets nobody in, and what it doesn't read and the house doesn't want is shown all the same.
    put(file("authorized_keys"), `${OWN}\n`);
    rmSync(join(folder, "keys/evan"));
    expect(linesIn(look(), [OWN])).toEqual([STRANGER]);
  } finally {
    rmSync(short, { recursive: true });
  }
});

describe("what sshd passes over", () => {
  const seen = (holders: Record<string, string>): KeyFiles => ({
    files: [{ path: "/home/evan/.ssh/authorized_keys", place: "read", text: `${OWN}\n` }],
    holders: Object.fromEntries(
      Object.entries(holders).map(([path, holder]) => {
        const [mode = "", uid = "", gid = uid] = holder.split(" ");
        return [path, { mode, uid, gid }];
      }),
    ),
  });
  const [HOME, SSH, KEYS] = ["/home/evan", "/home/evan/.ssh", "/home/evan/.ssh/authorized_keys"];
  const evan = { name: "evan", home: HOME, uid: 1000, keys: [OWN], ourselves: true };

  test.each([
    [{ [HOME]: "755 1000", [SSH]: "700 1000", [KEYS]: "600 1000" }, true],
    [{ [HOME]: "711 0", [SSH]: "755 0", [KEYS]: "644 0" }, true],
    [{ [HOME]: "775 1000", [SSH]: "700 1000", [KEYS]: "600 1000" }, false],
    [{ [HOME]: "755 1000", [SSH]: "777 1000", [KEYS]: "600 1000" }, false],
    [{ [HOME]: "755 1000", [SSH]: "700 1000", [KEYS]: "666 1000" }, false],
    [{ [HOME]: "755 1000", [SSH]: "700 1000", [KEYS]: "600 0" }, false],
    [{ [HOME]: "755 1000", [SSH]: "700 1001", [KEYS]: "600 1000" }, false],
  ])("%j: read is %s, and put right where it isn't", (holders, read) => {
    expect(areRead(seen(holders), evan)).toBe(read);
    expect(keySteps(seen(holders), evan).length > 0).toBe(!read);
  });

  test("a home that is another's is told, and not taken from whom it is", () => {
    expect(() => keySteps(seen({ [HOME]: "755 1001" }), evan)).toThrow(
      "/home/evan is number 1001's with mode 755, and sshd takes no keys of evan from there - on the guest: chown evan:",
    );
  });
});
