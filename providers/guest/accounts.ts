/** Users and groups as `getent` prints them, and a key file's lines. Pure. */

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** `getent passwd`. */
export function accounts(text: string): Account[] {
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid, , home, shell] = line.split(":");
    if (name === undefined || uid === undefined || gid === undefined || home === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home, shell: shell ?? "" }];
  });
}

/** Of people; Debian's UID_MIN, and below nobody's. */
const isPerson = ({ uid }: Account): boolean => uid >= 1000 && uid < 65_534;

const NO_SHELL = /\/(nologin|false|sync)$/;

const DAY_MS = 86_400_000;

/**
 * Names of the accounts of people, and of those with root's rights, that may log in: with a shell, and not expired.
 * @param expiries `NAME:DAY` a line, days since 1970; none where it never expires.
 * @param now Unix milliseconds.
 */
export function openAccounts(all: readonly Account[], expiries: string, now: number): string[] {
  const pairs = expiries.split("\n").map((line) => line.split(":"));
  const days = new Map(pairs.map(([name = "", day = ""]) => [name, day]));
  const isOpen = ({ name, shell }: Account): boolean => {
    const day = days.get(name) ?? "";
    return !NO_SHELL.test(shell) && (day === "" || Number(day) * DAY_MS > now);
  };
  return all.filter((account) => (isPerson(account) || account.uid === 0) && isOpen(account)).map(({ name }) => name);
}

/** `getent group`: names of the groups that list the user, and of its primary one. */
export function groupsOf(text: string, { name, gid }: Pick<Account, "name" | "gid">): string[] {
  const groups = text.split("\n").flatMap((line) => {
    const [group = "", , id, members = ""] = line.split(":");
    return Number(id) === gid || members.split(",").includes(name) ? [group] : [];
  });
  return groups.sort();
}

/** An authorized_keys file's lines, sorted; comments and blank lines are none. */
export const keyLines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .sort();

/** Type and key of a line, without options and comment: what decides whether two lines are the same key. */
export function bareKey(line: string): string | undefined {
  const [, type, key] = /(?:^|\s)((?:ssh|ecdsa|sk)-[a-zA-Z0-9@.-]+)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(line) ?? [];
  return type === undefined || key === undefined ? undefined : `${type} ${key}`;
}

/**
 * What `sudo -l -U NAME` says of a user.
 * - `passwordless`: everything, as anybody, without a password.
 * - `password`: something, or only with one.
 */
export type SudoRight = "none" | "password" | "passwordless";

/** `(ALL : ALL) NOPASSWD: ALL`: everything as anybody, or as root; the tags before it. */
const EVERYTHING = /^\s+\((?:ALL|root)(?: : ALL)?\) ((?:[A-Z_]+: ?)*)ALL\s*$/;

/** Of several rules for the same the last one counts, as sudo has it. */
export function sudoRight(text: string): SudoRight {
  const rules = text.split("\n").filter((line) => /^\s+\(/.test(line));
  const tags = rules.flatMap((rule) => EVERYTHING.exec(rule)?.slice(1) ?? []).at(-1);
  if (tags !== undefined && /\bNOPASSWD:/.test(tags)) return "passwordless";
  return rules.length > 0 ? "password" : "none";
}
