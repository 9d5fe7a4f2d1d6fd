/**
 * Lines of sshd's own files that say who gets in, in the order in which it reads them: what stands in a Match block is in
 * force for some connections only, and no question about one connection tells of all. Pure.
 */
import type { Command } from "./bulk";

const MAIN = "/etc/ssh/sshd_config";
const FOLDER = "/etc/ssh/sshd_config.d";

/** As `FILE:LINE:TEXT`. */
export const SSHD_LINES: Command = [
  ...(["grep", "-rsniE"] as const),
  "^\\s*(match|include|passwordauthentication|kbdinteractiveauthentication|challengeresponseauthentication|permitrootlogin|authorizedkeyscommand|trustedusercakeys)\\b",
  ...[MAIN, FOLDER],
];

export interface SshdLine {
  readonly file: string;
  readonly line: number;
  /** In small letters. */
  readonly name: string;
  readonly value: string;
  /** Criteria of the block that it stands in: `User evan`. */
  readonly match?: string;
}

/** `name value`, `name=value`; a value may be quoted. */
function linesOf(stdout: string): SshdLine[] {
  return stdout.split("\n").flatMap((each) => {
    const [, file = "", line, name = "", value = ""] = /^(\/[^:]*):(\d+):\s*(\w+)[\s=]+(.*?)\s*$/.exec(each) ?? [];
    if (line === undefined) return [];
    return [{ file, line: Number(line), name: name.toLowerCase(), value: value.replaceAll('"', "") }];
  });
}

const includesFolder = (value: string): boolean =>
  value.split(/\s+/).some((pattern) => [`${FOLDER}/*.conf`, "sshd_config.d/*.conf"].includes(pattern));

/** What counts for a connection: outside of blocks, or in one; a block ends with its file. */
function inBlocks(lines: readonly SshdLine[]): SshdLine[] {
  let match: string | undefined;
  return lines.flatMap((line) => {
    if (line.name !== "match") return [{ ...line, match }];
    match = line.value;
    return [{ ...line, match }];
  });
}

/** In the order of reading. */
export function sshdLines(stdout: string): SshdLine[] {
  const all = linesOf(stdout);
  const files = new Set(
    all.map(({ file }) => file).filter((file) => /^[^.][^/]*\.conf$/.test(file.slice(FOLDER.length + 1))),
  );
  const included = [...files].sort().flatMap((path) => inBlocks(all.filter(({ file }) => file === path)));
  const main = inBlocks(all.filter(({ file }) => file === MAIN));
  return main.flatMap((line) => (line.name === "include" && includesFolder(line.value) ? [line, ...included] : [line]));
}

export const readsFolder = (lines: readonly SshdLine[]): boolean =>
  lines.some(({ file, name, value }) => file === MAIN && name === "include" && includesFolder(value));

const PASSWORDS = ["passwordauthentication", "kbdinteractiveauthentication", "challengeresponseauthentication"];

export interface Wanted {
  readonly passwords?: boolean;
  readonly rootLogin?: boolean;
  readonly otherKeys?: boolean;
}

/** By which keys let in that are in no user's file: a program that tells them, an authority that signs them. */
export const OTHER_KEYS: readonly string[] = ["authorizedkeyscommand", "trustedusercakeys"];

/** What the line lets in and the house doesn't. */
export function opens({ name, value }: SshdLine, wanted: Wanted): keyof Wanted | undefined {
  if (PASSWORDS.includes(name))
    return wanted.passwords !== true && value.toLowerCase() === "yes" ? "passwords" : undefined;
  if (OTHER_KEYS.includes(name))
    return wanted.otherKeys !== true && value.toLowerCase() !== "none" ? "otherKeys" : undefined;
  if (name !== "permitrootlogin" || wanted.rootLogin === true) return undefined;
  return value.toLowerCase() === "no" ? undefined : "rootLogin";
}

/** Of lines in their order those before the first one that there is such a one. */
export function before(lines: readonly SshdLine[], is: (line: SshdLine) => boolean): readonly SshdLine[] {
  const at = lines.findIndex(is);
  return at < 0 ? lines : lines.slice(0, at);
}

/** What stands before the house's own file and lets in whom it doesn't, and what to do. */
export function whyOpen(lines: readonly SshdLine[], own: string, wanted: Wanted): string | undefined {
  if (!readsFolder(lines))
    return `${MAIN} doesn't read ${FOLDER}, where the house's settings are - on the guest, put as its first line: Include ${FOLDER}/*.conf`;
  const open = before(lines, ({ file }) => file === own).filter(
    (line) => line.match && opens(line, wanted) !== undefined,
  );
  if (open.length === 0) return undefined;
  const told = open.map(
    ({ file, line, name, value, match }) =>
      `${file}:${line}: ${name} ${value}${match === undefined ? "" : ` (in the block Match ${match})`}`,
  );
  return `sshd reads ${told.join("; ")} before the house's ${own} - take that out on the guest, or put it behind the Include of ${FOLDER}`;
}
