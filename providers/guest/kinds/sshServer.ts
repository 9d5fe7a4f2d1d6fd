/**
 * How a guest lets people in by SSH: keys only, those of its users' own files, no root. Read as sshd itself understands all its files together, for root
 * and for who logs in, and by what its Match blocks say of others, so that a setting that somebody made elsewhere shows;
 * written as a drop-in that is read first, tried with `sshd -t` before it is loaded, and taken back where nobody would get
 * in any more.
 */
import { z } from "zod";
import { onGuest, type OnGuest } from "../guest";
import type { Answer, Command } from "../bulk";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { reloadDue, withReload } from "../reload";
import { readText, seenText } from "../seenFile";
import { connectionOf } from "../sshdAsked";
import { before, opens, OTHER_KEYS, SSHD_LINES, sshdLines, whyOpen, type SshdLine, type Wanted } from "../sshdLines";
import { run, write, type Step } from "../step";

export interface SshServerSpec extends OnGuest {
  /** Whether a password lets anybody in. In place. @default false */
  readonly passwords?: boolean;
  /** Whether root may log in by a key; never by a password. In place. @default false */
  readonly rootLogin?: boolean;
  /** Whether keys may let in that stand in no user's file: a program's (AuthorizedKeysCommand), an authority's. In place. @default false */
  readonly otherKeys?: boolean;
  /** Set by `check`, false where sshd hasn't taken up its files yet: no need to give it. */
  readonly loaded?: boolean;
}

type Settings = Readonly<Record<string, string>>;

interface Seen {
  readonly text?: string;
  /** Every setting in force for root, and for who logs in, names in small letters: `sshd -T`. */
  readonly settings: readonly Settings[];
  readonly lines: readonly SshdLine[];
  readonly due: boolean;
}

/** sshd takes the first value that it reads, and the folder in the order of names. */
const PATH = "/etc/ssh/sshd_config.d/00-infinity-node.conf";
const NEXT = `${PATH}.infinity-new`;
const SSHD = "/usr/sbin/sshd";

const schema: z.ZodType<SshServerSpec> = z.strictObject({
  ...onGuest,
  passwords: z.boolean().optional(),
  rootLogin: z.boolean().optional(),
  otherKeys: z.boolean().optional(),
  loaded: z.boolean().optional(),
});

const yes = (value: boolean): string => (value ? "yes" : "no");

/** The first block that fits counts as well: with this one, no later one lets in whom the house doesn't. */
const block = (lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["Match all", ...lines.map((line) => `    ${line}`)];

const NO_OTHER_KEYS = ["AuthorizedKeysCommand none", "TrustedUserCAKeys none"];

export const dropIn = ({ passwords = false, rootLogin = false, otherKeys = false }: Wanted): string =>
  [
    "# Written by infinity-node: changes here are undone.",
    "PubkeyAuthentication yes",
    `PasswordAuthentication ${yes(passwords)}`,
    `KbdInteractiveAuthentication ${yes(passwords)}`,
    "PermitEmptyPasswords no",
    `PermitRootLogin ${rootLogin ? "prohibit-password" : "no"}`,
    ...(otherKeys ? [] : NO_OTHER_KEYS),
    ...block([
      ...(passwords ? [] : ["PasswordAuthentication no", "KbdInteractiveAuthentication no"]),
      ...(rootLogin ? [] : ["PermitRootLogin no"]),
      ...(otherKeys ? [] : NO_OTHER_KEYS),
    ]),
    "",
  ].join("\n");

function settingsOf(answer: Answer | undefined): Record<string, string> {
  if (answer?.exitCode !== 0) throw new Error(`sshd -T doesn't answer: ${answer?.stderr ?? ""}`);
  const pairs = answer.stdout.split("\n").map((line) => line.split(" "));
  return Object.fromEntries(pairs.map(([name = "", ...words]) => [name, words.join(" ")]));
}

/** What Match blocks let in, for whomever they are; behind our own block none of them counts. */
function openBlocks({ lines, text }: Seen, wanted: Wanted): (keyof Wanted | undefined)[] {
  const isOurs = ({ file, name }: SshdLine): boolean => file === PATH && name === "match";
  const counting = text === dropIn(wanted) ? before(lines, isOurs) : lines;
  return counting.filter(({ match }) => match !== undefined).map((line) => opens(line, wanted));
}

const hasOtherKeys = (settings: Settings): boolean =>
  OTHER_KEYS.some((name) => (settings[name] ?? "none").toLowerCase() !== "none");

const isRight = (settings: Settings, { passwords, rootLogin, otherKeys }: Wanted): boolean =>
  settings.passwordauthentication === yes(passwords === true) &&
  settings.kbdinteractiveauthentication === yes(passwords === true) &&
  (rootLogin === true
    ? ["prohibit-password", "without-password"].includes(settings.permitrootlogin ?? "")
    : settings.permitrootlogin === "no") &&
  (otherKeys === true || !hasOtherKeys(settings));

const LOAD: Command = ["systemctl", "reload-or-restart", "ssh"];

export const sshServerKind: Kind<SshServerSpec, Seen> = {
  noun: "SSH server",
  schema,
  identity: [],
  canonical: ({ passwords = false, rootLogin = false, otherKeys = false, ...rest }) => ({
    ...rest,
    ...{ passwords, rootLogin, otherKeys, loaded: true },
  }),
  problems: ({ host, rootLogin }) =>
    host.user === "root" && rootLogin !== true
      ? [{ property: "rootLogin", reason: "false: root is who logs in here - set it to true, or log in as another" }]
      : [],
  name: () => "sshd",
  look: ({ host: { user, address } }) => [
    readText(PATH),
    ...["root", user].map((name): Command => [SSHD, "-T", "-C", connectionOf({ user: name, address })]),
    SSHD_LINES,
    reloadDue(PATH),
  ],
  see: ([text, root, login, lines, due]) => ({
    text: seenText(PATH, text),
    settings: [settingsOf(root), settingsOf(login)],
    lines: sshdLines(lines?.stdout ?? ""),
    due: due?.exitCode === 0,
  }),
  live: (seen, inputs) => {
    const { settings, due } = seen;
    const open = openBlocks(seen, inputs);
    const some = (is: (each: Settings) => boolean): boolean => settings.some(is);
    return {
      ...inputs,
      passwords:
        some((each) => each.passwordauthentication === "yes" || each.kbdinteractiveauthentication === "yes") ||
        open.includes("passwords"),
      rootLogin: some((each) => each.permitrootlogin !== "no") || open.includes("rootLogin"),
      // Where they may, whether there are any is nobody's concern.
      otherKeys: inputs.otherKeys === true || some(hasOtherKeys) || open.includes("otherKeys"),
      loaded: !due,
    };
  },
  steps: (seen, wanted) => {
    const content = dropIn(wanted);
    const right =
      seen.settings.every((settings) => isRight(settings, wanted)) &&
      openBlocks(seen, wanted).every((open) => open === undefined);
    if (right && !seen.due) return [];
    const former = seen.text === undefined ? run("rm", "-f", PATH) : write(PATH, seen.text);
    const change: Step[] = right ? [] : [run("mv", "-fT", NEXT, PATH), run(SSHD, "-t")];
    const tried: Step[] = right ? [] : [write(NEXT, content), run(SSHD, "-t", "-f", NEXT)];
    const steps = [...tried, ...withReload(PATH, change, [run(...LOAD), { kind: "login" }])];
    return [{ kind: "guarded", steps, undo: [run("rm", "-f", NEXT), former, run(...LOAD)] }];
  },
  reason: {
    look: () => [],
    tell: (_answers, { lines }, wanted) => whyOpen(lines, PATH, wanted),
  },
};

export const lifecycle = guestLifecycle(sshServerKind);
