/**
 * A user of a guest: that it is there, its groups, whether it may sudo, and exactly whose keys let it in. A password is
 * neither set nor asked for. Groups that the house doesn't name stay.
 */
import { z } from "zod";
import { accounts, bareKey, groupsOf, keyLines, sudoRight, type Account, type SudoRight } from "../accounts";
import { accountName, onGuest, type OnGuest } from "../guest";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { seenText } from "../seenFile";
import { run, type Step } from "../step";
import { grantedBy, SUDOERS_LINES } from "../sudoers";

export interface UserSpec extends OnGuest {
  /** Login name. Another one is another user. */
  readonly name: string;
  /** Login shell. In place. @default /bin/bash for a new user; as it is */
  readonly shell?: string;
  /** Groups that it is in; has to be in these, and may be in others. In place. */
  readonly groups?: readonly string[];
  /** `passwordless`: it may do everything by sudo. `none`: nothing. In place. @default as it is */
  readonly sudo?: "passwordless" | "none";
  /** Public keys that let it in: these and no others. In place. @default as they are */
  readonly authorizedKeys?: readonly string[];
}

interface Seen {
  readonly account?: Account;
  readonly groups: readonly string[];
  /** Number of the group of the user's name, where there is one. */
  readonly namesake?: number;
  readonly sudo: SudoRight;
  /** Lines of the key file; `undefined` where there is none. */
  readonly keys?: readonly string[];
}

const schema: z.ZodType<UserSpec> = z.strictObject({
  ...onGuest,
  name: accountName,
  shell: z.string().startsWith("/", { error: "an absolute path" }).optional(),
  groups: z.array(accountName).optional(),
  sudo: z.enum(["passwordless", "none"]).optional(),
  authorizedKeys: z
    .array(
      z
        .string()
        .refine((line) => !line.includes("\n") && bareKey(line) !== undefined, { error: "one line of a .pub file" }),
    )
    .optional(),
});

/** The groups that Debian and others let sudo by. */
const SUDO_GROUPS = ["sudo", "wheel", "admin"];

/** Their members may do more than others, some of them everything. Debian gives such groups numbers below 1000. */
const POWERFUL = [
  "adm",
  "admin",
  "disk",
  "docker",
  "incus",
  "kvm",
  "libvirt",
  "lxd",
  "root",
  "shadow",
  "staff",
  "sudo",
  "wheel",
];
const FIRST_OF_PEOPLE = 1000;

const namesakeReason = (name: string): string =>
  `${name}: the group of this name gives its members rights, and a user of the name would have it as its own - choose ` +
  `another name, or list ${name} among its groups`;

const rightsFile = (name: string): string => `/etc/sudoers.d/90-infinity-${name}`;

const homeOf = ({ name }: UserSpec, account?: Account): string => account?.home ?? `/home/${name}`;

/** Keys are looked for where a new user's home will be, and where an existing one's is: asked of the shell's own `~`. */
const keyFile = (home: string): string => `${home}/.ssh/authorized_keys`;

function changedAccount({ name, shell, groups = [] }: UserSpec, { account, groups: has, namesake }: Seen): Step[] {
  if (account === undefined) {
    // useradd makes a group of the user's name and refuses where there is one: that is its own then.
    if (namesake !== undefined && namesake < FIRST_OF_PEOPLE && !groups.includes(name))
      throw new Error(namesakeReason(name));
    const own = namesake === undefined ? [] : ["-N", "-g", name];
    const supplementary = groups.length > 0 ? ["-G", groups.join(",")] : [];
    return [run("useradd", "-m", "-s", shell ?? "/bin/bash", ...own, ...supplementary, "--", name)];
  }
  const missing = groups.filter((group) => !has.includes(group));
  return [
    ...(shell !== undefined && shell !== account.shell ? [run("usermod", "-s", shell, "--", name)] : []),
    ...(missing.length > 0 ? [run("usermod", "-a", "-G", missing.join(","), "--", name)] : []),
  ];
}

/** Checked beside before it counts: a sudoers file with a mistake locks everybody out of sudo. */
function granted(name: string): Step[] {
  const [path, next] = [rightsFile(name), `/etc/sudoers.d/.90-infinity-${name}.new`];
  const content = `${name} ALL=(ALL:ALL) NOPASSWD: ALL\n`;
  const steps: Step[] = [
    { kind: "write", path: next, content, mode: "0440", owner: "root:root" },
    run("visudo", "-cqf", next),
    run("mv", "-fT", next, path),
  ];
  return [{ kind: "guarded", steps, undo: [run("rm", "-f", next)] }];
}

function changedSudo({ name, sudo, groups = [] }: UserSpec, { sudo: has, groups: member }: Seen): Step[] {
  if (sudo === undefined || sudo === has) return [];
  if (sudo === "passwordless") return granted(name);
  const by = SUDO_GROUPS.filter((group) => member.includes(group) && !groups.includes(group));
  return [run("rm", "-f", rightsFile(name)), ...by.map((group) => run("gpasswd", "-d", name, group))];
}

function changedKeys(wanted: UserSpec, { account, keys }: Seen): Step[] {
  const { name, authorizedKeys } = wanted;
  if (authorizedKeys === undefined || (keys !== undefined && sameLines(keys, authorizedKeys))) return [];
  const home = homeOf(wanted, account);
  const path = keyFile(home);
  // The colon: a user's own group, whatever it is called.
  const write = (lines: readonly string[]): Step => ({
    kind: "write",
    path,
    content: lines.map((line) => `${line}\n`).join(""),
    mode: "0600",
    owner: `${name}:`,
  });
  const folder: Step = { kind: "directory", path: `${home}/.ssh`, mode: "0700", owner: `${name}:` };
  if (name !== wanted.host.user) return [folder, write(authorizedKeys)];
  // Our own way in: it is left as it was where we wouldn't get in again.
  const undo = keys === undefined ? run("rm", "-f", path) : write(keys);
  const admits: Step = { kind: "admits", now: keys ?? [], next: authorizedKeys };
  return [admits, folder, { kind: "guarded", steps: [write(authorizedKeys), { kind: "login" }], undo: [undo] }];
}

const sameLines = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

export const userKind: Kind<UserSpec, Seen> = {
  noun: "user",
  schema,
  identity: ["name"],
  canonical: (inputs) => ({
    ...inputs,
    groups: inputs.groups && [...new Set(inputs.groups)].sort(),
    authorizedKeys: inputs.authorizedKeys && [...new Set(inputs.authorizedKeys.map((line) => line.trim()))].sort(),
  }),
  problems: ({ host, name, sudo, groups = [], authorizedKeys }) => [
    ...(POWERFUL.includes(name) && name !== "root" && !groups.includes(name)
      ? [{ property: "name", reason: namesakeReason(name) }]
      : []),
    ...(name === host.user && sudo === "none" && name !== "root"
      ? [
          {
            property: "sudo",
            reason: `none: ${name} is who logs in here, and changes the guest by sudo - log in as another`,
          },
        ]
      : []),
    ...(sudo === "none" && groups.some((group) => SUDO_GROUPS.includes(group))
      ? [
          {
            property: "groups",
            reason: `${groups.join(", ")}: its members may sudo, and sudo is none - take one of the two out`,
          },
        ]
      : []),
    ...(name === host.user && authorizedKeys?.length === 0
      ? [{ property: "authorizedKeys", reason: `none: ${name} is who logs in here, by a key - give its public key` }]
      : []),
  ],
  name: ({ name }) => name,
  look: (inputs) => [
    ["getent", "passwd"],
    ["getent", "group"],
    ["sudo", "-l", "-U", inputs.name],
    // The shell's own ~NAME: a user that is there already may live elsewhere.
    ["sh", "-c", 'eval "cat ~$1/.ssh/authorized_keys"', "sh", inputs.name],
  ],
  see: ([passwd, group, sudo, keys], { name }) => {
    if (passwd?.exitCode !== 0 || group?.exitCode !== 0) throw new Error("getent doesn't answer");
    const account = accounts(passwd.stdout).find((each) => each.name === name);
    const [, gid] = new RegExp(`^${name}:[^:]*:(\\d+):`, "m").exec(group.stdout) ?? [];
    const namesake = gid === undefined ? undefined : Number(gid);
    if (account === undefined) return { groups: [], namesake, sudo: "none" };
    const text = seenText(`${account.home}/.ssh/authorized_keys`, keys);
    return {
      account,
      groups: groupsOf(group.stdout, account),
      namesake,
      sudo: sudoRight(sudo?.stdout ?? ""),
      keys: text === undefined ? undefined : keyLines(text),
    };
  },
  live: ({ account, groups, sudo, keys }, inputs) =>
    account && {
      ...inputs,
      shell: inputs.shell && account.shell,
      groups: inputs.groups?.filter((group) => groups.includes(group)),
      // With a password is neither of the two: shown as it is, and put right by either.
      sudo: inputs.sudo && (sudo as UserSpec["sudo"]),
      authorizedKeys: inputs.authorizedKeys && (keys ?? []),
    },
  steps: (seen, wanted) => [
    ...changedAccount(wanted, seen),
    ...changedSudo(wanted, seen),
    ...changedKeys(wanted, seen),
  ],
  // Somebody else's file may grant it, and that isn't ours to take away.
  reason: {
    look: ({ sudo }) => (sudo === "none" ? [SUDOERS_LINES] : []),
    tell: ([lines], { sudo, groups }, wanted) =>
      wanted.sudo === "none" && sudo !== "none" ? grantedBy(lines?.stdout ?? "", wanted.name, groups) : undefined,
  },
};

export const lifecycle = guestLifecycle(userKind);
