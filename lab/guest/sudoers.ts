/** What sudo lets a user of a simulated guest do: by its files, and by the group that Debian's own file names. Reads files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sudoRight } from "../../providers/guest/accounts";
import type { GuestState } from "./state";

type Known = Pick<GuestState, "accounts" | "groups">;

/** Of Debian's /etc/sudoers, which reads the folder last. */
const OWN = ["%sudo ALL=(ALL:ALL) ALL"];

function textsIn(folder: string): string[] {
  try {
    // sudo leaves out names with a dot, and backups.
    const names = readdirSync(folder).filter((name) => !name.includes(".") && !name.endsWith("~"));
    return names.sort().map((name) => readFileSync(join(folder, name), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The rules for a user as `sudo -l` lists them. @param folder the real one of /etc/sudoers.d. */
export function sudoRules(folder: string, { accounts, groups }: Known, user: string): string[] {
  const isFor = (who: string): boolean =>
    who === user ||
    who === `#${accounts[user]?.uid ?? ""}` ||
    (who.startsWith("%") && groups[who.slice(1)]?.members.includes(user) === true);
  return [...OWN, ...textsIn(folder).flatMap((text) => text.split("\n"))].flatMap((line) => {
    const [, who = "", as = "", group, what = ""] = /^(\S+) \S+=\(([^):]+)(?::([^)]+))?\) (.*)$/.exec(line) ?? [];
    const shown = `    (${as}${group === undefined ? "" : ` : ${group}`}) ${what.replace(/NOPASSWD:\s*/, "NOPASSWD: ")}`;
    return isFor(who) ? [shown] : [];
  });
}

/** Whether `sudo -n` works for it. */
export const mayBecomeRoot = (folder: string, guest: Known, user: string): boolean =>
  sudoRight(sudoRules(folder, guest, user).join("\n")) === "passwordless";
