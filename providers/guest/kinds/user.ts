/**
 * A user of a guest: that it is there, its groups, whether it may sudo, and exactly whose keys let it in. A password is
 * neither set nor asked for. Groups that the house doesn't name stay.
 */
import { z } from "zod";
import { accounts, bareKey, groupsOf, sudoRight, type Account, type SudoRight } from "../accounts";
import { accountName, onGuest, type OnGuest } from "../guest";
import { linesIn, lookAtKeyFiles, seenKeyFiles, type KeyFiles } from "../keyFiles";
import { areRead, keySteps } from "../keySteps";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
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
  /** Public keys that let it in: these and no others, whichever file they are in. In place. @default as they are */
  readonly authorizedKeys?: readonly string[];
  /** Set by `check`, false where sshd passes over them, as others may write a file or folder: no need to give it. */
  readonly keysRead?: boolean;
}

interface Seen {
  readonly account?: Account;
  readonly groups: readonly string[];
  /** Number of the group of the user's name, where there is one. */
  readonly namesake?: number;
  readonly sudo: SudoRight;
  readonly keys: KeyFiles;
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
  keysRead: z.boolean().optional(),
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

/** A new user's home is where useradd makes it. */
const whose = (name: string, account?: Account): { home: string; uid?: number } =>
  account === undefined ? { home: `/home/${name}` } : { home: account.home, uid: account.uid };

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

function changedKeys({ name, authorizedKeys, host }: UserSpec, { account, keys }: Seen): Step[] {
  if (authorizedKeys === undefined) return [];
  const ourselves = name === host.user;
  return keySteps(keys, { ...{ name, ourselves }, ...whose(name, account), keys: authorizedKeys });
}

export const userKind: Kind<UserSpec, Seen> = {
  noun: "user",
  schema,
  identity: ["name"],
  canonical: (inputs) => ({
    ...inputs,
    groups: inputs.groups && [...new Set(inputs.groups)].sort(),
    authorizedKeys: inputs.authorizedKeys && [...new Set(inputs.authorizedKeys.map((line) => line.trim()))].sort(),
    keysRead: inputs.authorizedKeys && true,
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
    lookAtKeyFiles({ user: inputs.name, address: inputs.host.address }),
  ],
  see: ([passwd, group, sudo, keyFiles], { name }) => {
    if (passwd?.exitCode !== 0 || group?.exitCode !== 0) throw new Error("getent doesn't answer");
    const account = accounts(passwd.stdout).find((each) => each.name === name);
    const [, gid] = new RegExp(`^${name}:[^:]*:(\\d+):`, "m").exec(group.stdout) ?? [];
    const namesake = gid === undefined ? undefined : Number(gid);
    const keys = seenKeyFiles(keyFiles);
    if (account === undefined) return { groups: [], namesake, sudo: "none", keys };
    return {
      account,
      groups: groupsOf(group.stdout, account),
      namesake,
      sudo: sudoRight(sudo?.stdout ?? ""),
      keys,
    };
  },
  live: ({ account, groups, sudo, keys }, inputs) =>
    account && {
      ...inputs,
      shell: inputs.shell && account.shell,
      groups: inputs.groups?.filter((group) => groups.includes(group)),
      // With a password is neither of the two: shown as it is, and put right by either.
      sudo: inputs.sudo && (sudo as UserSpec["sudo"]),
      authorizedKeys: inputs.authorizedKeys && linesIn(keys, inputs.authorizedKeys),
      keysRead: inputs.keysRead && areRead(keys, account),
    },
  steps: (seen, wanted) => [
    ...changedAccount(wanted, seen),
    ...changedSudo(wanted, seen),
    ...changedKeys(wanted, seen),
  ],
  // Somebody else's file may grant it, and that isn't ours to take away.
  reason: {
    look: ({ sudo }) => (sudo === "none" ? [SUDOERS_LINES] : []),
    tell: ([lines], { account, sudo, groups }, { name, sudo: wanted }) =>
      wanted === "none" && sudo !== "none"
        ? grantedBy(lines?.stdout ?? "", { name, groups, uid: account?.uid, gid: account?.gid })
        : undefined,
  },
};

export const lifecycle = guestLifecycle(userKind);
