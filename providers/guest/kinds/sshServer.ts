/**
 * How a guest lets people in by SSH: keys only, no root. Read as sshd itself understands all its files together, so that
 * a setting that somebody made elsewhere shows; written as a drop-in that is read first, tried with `sshd -t` before it is
 * loaded, and taken back where nobody would get in any more.
 */
import { z } from "zod";
import { onGuest, type OnGuest } from "../guest";
import type { Answer, Command } from "../bulk";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { reloadDue, withReload } from "../reload";
import { readText, seenText } from "../seenFile";
import { run, write, type Step } from "../step";

export interface SshServerSpec extends OnGuest {
  /** Whether a password lets anybody in. In place. @default false */
  readonly passwords?: boolean;
  /** Whether root may log in by a key; never by a password. In place. @default false */
  readonly rootLogin?: boolean;
  /** Set by `check`, false where sshd hasn't taken up its files yet: no need to give it. */
  readonly loaded?: boolean;
}

interface Seen {
  readonly text?: string;
  /** Every setting in force, names in small letters: `sshd -T`. */
  readonly settings: Readonly<Record<string, string>>;
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
  loaded: z.boolean().optional(),
});

const yes = (value: boolean): string => (value ? "yes" : "no");

export const dropIn = ({
  passwords = false,
  rootLogin = false,
}: Pick<SshServerSpec, "passwords" | "rootLogin">): string =>
  [
    "# Written by infinity-node: changes here are undone.",
    "PubkeyAuthentication yes",
    `PasswordAuthentication ${yes(passwords)}`,
    `KbdInteractiveAuthentication ${yes(passwords)}`,
    "PermitEmptyPasswords no",
    `PermitRootLogin ${rootLogin ? "prohibit-password" : "no"}`,
    "",
  ].join("\n");

function settingsOf(answer: Answer | undefined): Record<string, string> {
  if (answer?.exitCode !== 0) throw new Error(`sshd -T doesn't answer: ${answer?.stderr ?? ""}`);
  const pairs = answer.stdout.split("\n").map((line) => line.split(" "));
  return Object.fromEntries(pairs.map(([name = "", ...words]) => [name, words.join(" ")]));
}

const LOAD: Command = ["systemctl", "reload-or-restart", "ssh"];

export const sshServerKind: Kind<SshServerSpec, Seen> = {
  noun: "SSH server",
  schema,
  identity: [],
  canonical: ({ passwords = false, rootLogin = false, ...rest }) => ({ ...rest, passwords, rootLogin, loaded: true }),
  problems: ({ host, rootLogin }) =>
    host.user === "root" && rootLogin !== true
      ? [{ property: "rootLogin", reason: "false: root is who logs in here - set it to true, or log in as another" }]
      : [],
  name: () => "sshd",
  look: () => [readText(PATH), [SSHD, "-T"], reloadDue(PATH)],
  see: ([text, settings, due]) => ({
    text: seenText(PATH, text),
    settings: settingsOf(settings),
    due: due?.exitCode === 0,
  }),
  live: ({ settings, due }, inputs) => ({
    ...inputs,
    passwords: settings.passwordauthentication === "yes" || settings.kbdinteractiveauthentication === "yes",
    rootLogin: settings.permitrootlogin !== "no",
    loaded: !due,
  }),
  steps: (seen, wanted) => {
    const content = dropIn(wanted);
    const right =
      seen.settings.passwordauthentication === yes(wanted.passwords === true) &&
      seen.settings.kbdinteractiveauthentication === yes(wanted.passwords === true) &&
      (wanted.rootLogin === true
        ? ["prohibit-password", "without-password"].includes(seen.settings.permitrootlogin ?? "")
        : seen.settings.permitrootlogin === "no");
    if (right && !seen.due) return [];
    const former = seen.text === undefined ? run("rm", "-f", PATH) : write(PATH, seen.text);
    const change: Step[] = right ? [] : [run("mv", "-fT", NEXT, PATH), run(SSHD, "-t")];
    const tried: Step[] = right ? [] : [write(NEXT, content), run(SSHD, "-t", "-f", NEXT)];
    const steps = [...tried, ...withReload(PATH, change, [run(...LOAD), { kind: "login" }])];
    return [{ kind: "guarded", steps, undo: [run("rm", "-f", NEXT), former, run(...LOAD)] }];
  },
};

export const lifecycle = guestLifecycle(sshServerKind);
