/** Which lines of which sudoers files let a user sudo: for saying where a right comes from that ought not to be there. Pure. */
import type { Command } from "./bulk";

/** Every line that may grant something, as `FILE:LINE:TEXT`. A # before a number is no comment: `#1000 ALL=(ALL) ALL`. */
export const SUDOERS_LINES: Command = ["grep", "-rsnE", "^([^#]|#[0-9])*=", "/etc/sudoers", "/etc/sudoers.d"];

interface Line {
  /** `/etc/sudoers.d/90-cloud-init-users` */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

function linesOf(stdout: string): Line[] {
  const all = stdout.split("\n").flatMap((each) => {
    const [, file = "", line, text = ""] = /^(\/[^:]*):(\d+):(.*)$/.exec(each) ?? [];
    return line === undefined ? [] : [{ file, line: Number(line), text: text.trim() }];
  });
  // sudo leaves out names with a dot, and backups.
  return all.filter(({ file }) => !/^\/etc\/sudoers\.d\/.*(\.|~$)/.test(file));
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");

/** Names of aliases that hold one of the words: `User_Alias ADMINS = evan, inspector`. */
const aliases = (lines: readonly Line[], of: readonly string[]): string[] =>
  lines.flatMap(({ text }) => {
    const [, name, members = ""] = /^User_Alias\s+(\w+)\s*=(.*)$/.exec(text) ?? [];
    return name !== undefined && words(members).some((word) => of.includes(word)) ? [name] : [];
  });

/** Whom a line may be for. */
export interface Grantee {
  readonly name: string;
  /** Its groups, by name. */
  readonly groups: readonly string[];
  /** Numbers of the user and of its own group, where they are known. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Lines that grant a user something: by its name or number, one of its groups, an alias, or as everybody. */
export function grants(stdout: string, { name, groups, uid, gid }: Grantee): Line[] {
  const lines = linesOf(stdout);
  const numbers = [...(uid === undefined ? [] : [`#${uid}`]), ...(gid === undefined ? [] : [`%#${gid}`])];
  const known = [name, "ALL", ...numbers, ...groups.map((group) => `%${group}`)];
  const meant = new Set([...known, ...aliases(lines, known)]);
  return lines.filter(({ text }) => {
    if (/^(Defaults|\w+_Alias)\b/.test(text)) return false;
    // `evan, %sudo ALL`: users, then the host.
    const users = words(text.slice(0, text.indexOf("="))).slice(0, -1);
    return users.some((user) => meant.has(user));
  });
}

/** What still lets the user sudo, and what to do about it. */
export function grantedBy(stdout: string, to: Grantee): string {
  const { name } = to;
  const found = grants(stdout, to);
  if (found.length === 0)
    return `no line of /etc/sudoers or /etc/sudoers.d says so by its name or groups - sudo -l -U ${name} on the guest lists what it may`;
  const told = found.map(({ file, line, text }) => `${file}:${line}: ${text}`);
  const files = [...new Set(found.map(({ file }) => `visudo -f ${file}`))];
  return `it may by ${told.join("; ")} - take that out on the guest (${files.join(", ")}), or leave sudo out of the house`;
}
