/** Users, groups and sudo of a simulated guest. */
import * as fs from "node:fs/promises";
import type { LabFiles } from "../../ssh/files";
import { lines, operands, refused, said, type Program } from "../program";
import { sudoRules } from "../sudoers";

const free = (taken: readonly number[]): number => Math.max(999, ...taken.filter((id) => id < 60_000)) + 1;

async function home(files: LabFiles, path: string, ids: { uid: number; gid: number }): Promise<void> {
  await fs.mkdir(await files.real(path, true), { recursive: true });
  await files.own(path, { mode: 0o755, ...ids });
}

const useradd: Program = async (args, { guest, files }) => {
  const name = args.at(-1) ?? "";
  if (guest.accounts[name]) return refused(`useradd: user '${name}' already exists`, 9);
  const option = (letter: string): string | undefined =>
    args.includes(letter) ? args[args.indexOf(letter) + 1] : undefined;
  const wanted = option("-G")?.split(",") ?? [];
  const unknown = wanted.find((group) => guest.groups[group] === undefined);
  if (unknown !== undefined) return refused(`useradd: group '${unknown}' does not exist`, 6);
  const own = args.includes("-N") ? option("-g") : undefined;
  if (own === undefined && guest.groups[name] !== undefined)
    return refused(`useradd: group ${name} exists - if you want to add this user to that group, use -g.`, 9);
  const uid = free(Object.values(guest.accounts).map((account) => account.uid));
  const gid = guest.groups[own ?? ""]?.gid ?? free(Object.values(guest.groups).map((group) => group.gid));
  if (own === undefined) guest.groups[name] = { gid, members: [] };
  guest.accounts[name] = { uid, gid, home: `/home/${name}`, shell: option("-s") ?? "/bin/sh" };
  for (const group of wanted) guest.groups[group]?.members.push(name);
  await home(files, `/home/${name}`, { uid, gid });
  return said();
};

const usermod: Program = (args, { guest }) => {
  const name = args.at(-1) ?? "";
  const account = guest.accounts[name];
  if (account === undefined) return refused(`usermod: user '${name}' does not exist`, 6);
  if (args[0] === "-s") account.shell = args[1] ?? account.shell;
  else if (args[0] === "-a" && args[1] === "-G")
    for (const group of (args[2] ?? "").split(",")) {
      const entry = guest.groups[group];
      if (entry === undefined) return refused(`usermod: group '${group}' does not exist`, 6);
      entry.members.push(name);
    }
  else if (args.slice(0, 3).join(" ") === "-L -e 1") account.expired = true;
  else if (args.slice(0, 3).join(" ") === "-U -e ") account.expired = false;
  else return undefined;
  return said();
};

const sudo: Program = async (args, context) => {
  const [list, option, user = ""] = args;
  const { guest } = context;
  if (list !== "-l" || option !== "-U") return undefined;
  if (guest.accounts[user] === undefined) return refused(`sudo: unknown user ${user}`);
  const all = sudoRules(await context.files.real("/etc/sudoers.d", true), guest, user);
  if (all.length === 0) return said(`User ${user} is not allowed to run sudo on ${guest.hostname}.\n`);
  return said(lines([`User ${user} may run the following commands on ${guest.hostname}:`, ...all]));
};

export const accountPrograms: Readonly<Record<string, Program>> = {
  useradd,
  usermod,
  sudo,
  getent: ([database], { guest }) => {
    if (database === "passwd")
      return said(
        lines(
          Object.entries(guest.accounts).map(
            ([name, { uid, gid, home: at, shell }]) => `${name}:x:${uid}:${gid}::${at}:${shell}`,
          ),
        ),
      );
    if (database !== "group") return undefined;
    return said(
      lines(Object.entries(guest.groups).map(([name, { gid, members }]) => `${name}:x:${gid}:${members.join(",")}`)),
    );
  },
  gpasswd: ([option, user = "", group = ""], { guest }) => {
    const entry = guest.groups[group];
    if (option !== "-d" || entry === undefined) return undefined;
    entry.members = entry.members.filter((member) => member !== user);
    return said();
  },
  visudo: async (args, { run }) => {
    const { stdout } = await run(["cat", args.at(-1) ?? ""]);
    const bad = stdout
      .split("\n")
      .find((line) => line !== "" && !line.startsWith("#") && !/^\S+ ALL=\(.+\) .+$/.test(line));
    return bad === undefined ? said() : refused(`${operands(args).at(-1) ?? ""}:1: syntax error`);
  },
};
