/** What is mounted (`/proc/self/mountinfo`) and what is to be (`/etc/fstab`), one line each. Pure. */

export interface Mounted {
  readonly target: string;
  /** Of the file system, two numbers: `0:52`. */
  readonly device: string;
  /** What of the file system is mounted there: `/`, or a folder of it. */
  readonly root: string;
  /** `nfs4`, `autofs`, `ext4`. */
  readonly type: string;
  /** `192.168.86.43:/volume1/infinity-node` */
  readonly source: string;
  /** Of the mount and of the file system, as they are in force: `ro`, `hard`, `vers=4.2`. */
  readonly options: readonly string[];
}

/** Of the kernel's table or of fstab: whether it is a share of a NAS. */
export const isNfs = ({ type }: { readonly type: string }): boolean => type === "nfs" || type === "nfs4";

/** Blanks and backslashes stand in both files as `\040`. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

export const escapeBlanks = (text: string): string =>
  text.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);

/** Of proc(5): `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`. In the order of mounting. */
export function mountinfo(text: string): Mounted[] {
  return text.split("\n").flatMap((line) => {
    const [mount = "", filesystem] = line.split(" - ");
    if (filesystem === undefined) return [];
    const [, , device = "", root = "", target = "", options = ""] = mount.split(" ");
    const [type = "", source = "", more = ""] = filesystem.split(" ");
    const all = [...options.split(","), ...more.split(",")].filter((option) => option !== "");
    const where = { target: unescape(target), device, root: unescape(root) };
    return [{ ...where, type, source: unescape(source), options: [...new Set(all)] }];
  });
}

/** A line of fstab(5). */
export interface Entry {
  /** Its line's number, from 0. */
  readonly line: number;
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** The line that mounts this target, where there is one; systemd takes the first. */
export function fstabEntry(text: string, target: string): Entry | undefined {
  const entries = text.split("\n").map((line, number) => {
    const [source = "", path = "", type = "", options = ""] = line.trim().split(/\s+/);
    const at = unescape(path).replace(/(.)\/+$/, "$1");
    return { at, line: number, source: unescape(source), type, options: options.split(",") };
  });
  const found = entries.find(({ at, source }) => !source.startsWith("#") && at === target);
  return found && { line: found.line, source: found.source, type: found.type, options: found.options };
}

/** The same table without a line. */
export const withoutLine = (text: string, number: number): string =>
  text
    .split("\n")
    .filter((_, index) => index !== number)
    .join("\n");

/** The same table with another line there. */
export const withLine = (text: string, number: number, line: string): string =>
  text
    .split("\n")
    .map((former, index) => (index === number ? line : former))
    .join("\n");
