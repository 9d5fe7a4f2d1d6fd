/** One guest resource of each kind, in two versions: what befalls resources is tried on them. */
import type { OnGuest } from "../../../providers/guest/guest";
import type { Kind } from "../../../providers/guest/kind";
import { aptSourceKind } from "../../../providers/guest/kinds/aptSource";
import { directoryKind } from "../../../providers/guest/kinds/directory";
import { dockerEngineKind } from "../../../providers/guest/kinds/dockerEngine";
import { fileKind } from "../../../providers/guest/kinds/file";
import { loginsKind } from "../../../providers/guest/kinds/logins";
import { networkGuardKind } from "../../../providers/guest/kinds/networkGuard";
import { nfsMountKind } from "../../../providers/guest/kinds/nfsMount";
import { packagesKind } from "../../../providers/guest/kinds/packages";
import { sshServerKind } from "../../../providers/guest/kinds/sshServer";
import { systemdUnitKind } from "../../../providers/guest/kinds/systemdUnit";
import { upgradesKind } from "../../../providers/guest/kinds/upgrades";
import { userKind } from "../../../providers/guest/kinds/user";
import { newKey } from "../../../lab/ssh/keys";
import { resourceOf, type TestGuest } from "./guest";
import { KEY, PRINTS } from "./signingKey";

/** A resource on a guest. */
export interface Life {
  make(): Promise<unknown>;
  /** To its second version. */
  change(): Promise<unknown>;
  /** To its first version, as another run describes it. */
  back(): Promise<unknown>;
  remove(): Promise<unknown>;
  /** As another process looks. */
  expect(state: "none" | "first" | "second"): Promise<void>;
}

export interface Subject {
  readonly name: string;
  /** @param keys that let in who logs in, where it is about them. */
  readonly on: (guest: TestGuest, keys?: readonly string[]) => Life;
  /** What the guest has before it. */
  readonly prepare?: (guest: TestGuest) => unknown;
  /** What happens on the guest between its first and its second version. */
  readonly meanwhile?: (guest: TestGuest) => unknown;
  /** What holds at every moment. @param made whether it was there already */
  readonly whole?: (guest: TestGuest, made: boolean) => Promise<void> | void;
  readonly removable?: boolean;
}

type Given<Inputs> = Omit<Inputs, "host">;

const subject = <Inputs extends OnGuest, Seen>(
  name: string,
  kind: Kind<Inputs, Seen>,
  specs: (guest: TestGuest, keys?: readonly string[]) => readonly [first: Given<Inputs>, second: Given<Inputs>],
  more: Omit<Subject, "name" | "on"> = {},
): Subject => ({
  ...{ name, ...more },
  on: (guest, keys) => {
    const [first, second] = specs(guest, keys);
    const { create, update, read, checked, lifecycle } = resourceOf(guest, kind);
    return {
      make: () => create(first),
      change: () => update(checked(first), second),
      back: () => update(checked(first), first),
      remove: () => lifecycle.delete("", { ...checked(first), deletable: true }),
      expect: async (state) => {
        const wanted = checked(state === "second" ? second : first);
        expect(await read(wanted)).toEqual(state === "none" ? undefined : wanted);
      },
    };
  },
});

const write = (guest: TestGuest, path: string, content: string): Promise<void> =>
  guest.host.writeFile(path, content, { sudo: true, owner: "root:root" });

const textOf = async (guest: TestGuest, path: string): Promise<string | undefined> => {
  const { exitCode, stdout } = await guest.by(["cat", "--", path]);
  return exitCode === 0 ? stdout : undefined;
};

/** It has one of these texts, or isn't there yet. */
const oneOf = (path: string, ...texts: string[]): Subject["whole"] => {
  return async (guest, made) => {
    expect([...(made ? [] : [undefined]), ...texts]).toContain(await textOf(guest, path));
  };
};

const [OWN, OTHER] = [newKey().public, newKey().public];
const SUDOERS = "/etc/sudoers.d/backup";
const TIMER = (when: string): string => `[Timer]\nOnCalendar=${when}\n\n[Install]\nWantedBy=timers.target\n`;
const NAS = { target: "/mnt/nas", source: "192.168.86.43:/volume1/house", version: "4.2" };
const SOURCE = {
  ...{ name: "docker", uri: "https://packages.example/{system}", fingerprints: PRINTS },
  keyUri: "https://packages.example/{system}/gpg",
};
const GUARD = { name: "vpn", bridge: "br-vpn", endpointPort: 51820 };

/** Whoever asks for the path gets the share or an error: it was made, and never is an empty folder again. */
const never: Subject["whole"] = async (guest, made) => {
  const { exitCode, stdout } = await guest.by(["stat", "-f", "-c", "%T", "--", `${NAS.target}/.`]);
  if (made && exitCode === 0) expect(stdout).toBe("nfs\n");
};

const hasDocker = async (guest: TestGuest): Promise<void> => {
  await guest.by(["apt-get", "install", "--", "docker.io"]);
};

export const subjects: readonly Subject[] = [
  subject("a user", userKind, () => [
    { name: "inspector", groups: ["users"], sudo: "none" as const, authorizedKeys: [OWN] },
    {
      name: "inspector",
      groups: ["users", "root"],
      sudo: "passwordless" as const,
      authorizedKeys: [OWN, OTHER],
      shell: "/bin/sh",
    },
  ]),
  subject(
    "who logs in",
    userKind,
    (guest, keys = [guest.publicKey]) => [
      { name: "evan", authorizedKeys: keys, sudo: "passwordless" as const },
      { name: "evan", authorizedKeys: [...keys, OWN], groups: ["users"] },
    ],
    { prepare: (guest) => write(guest, "/home/evan/.ssh/authorized_keys", `${guest.publicKey}\n${OTHER}\n`) },
  ),
  subject("who may log in", loginsKind, () => [{ known: [] }, { known: ["inspector"] }], {
    meanwhile: (guest) => guest.by(["useradd", "-m", "-s", "/bin/bash", "mallory"]),
  }),
  subject("the SSH server", sshServerKind, () => [{}, { rootLogin: true, passwords: true }]),
  subject("packages", packagesKind, () => [
    { set: "base", names: ["nfs-common"] },
    { set: "base", names: ["curl", "nfs-common", "nftables"] },
  ]),
  subject("unattended upgrades", upgradesKind, () => [{ reboot: "04:30" }, { reboot: "05:30" }], {
    meanwhile: (guest) => guest.by(["systemctl", "stop", "apt-daily.timer"]),
  }),
  subject("Docker Engine", dockerEngineKind, () => [{}, { logSize: "20m" }], {
    prepare: async (guest) => {
      await hasDocker(guest);
      guest.state.daemon.validates = true;
      await guest.by(["mkdir", "-p", "/etc/docker"]);
      await write(guest, "/etc/docker/daemon.json", '{"dns": ["192.168.86.1"]}');
    },
    whole: async (guest) => {
      expect(JSON.parse((await textOf(guest, "/etc/docker/daemon.json")) ?? "")).toMatchObject({
        dns: ["192.168.86.1"],
      });
    },
  }),
  subject(
    "a source of packages",
    aptSourceKind,
    () => [
      { ...SOURCE, components: ["stable"] },
      { ...SOURCE, components: ["stable", "test"] },
    ],
    {
      prepare: (guest) => (guest.state.downloads = { "https://packages.example/debian/gpg": KEY }),
      // apt fails as a whole where it is told of a key that isn't there.
      whole: async (guest) => {
        const listed = (await textOf(guest, "/etc/apt/sources.list.d/docker.sources")) !== undefined;
        if (listed) expect(await textOf(guest, "/etc/apt/keyrings/docker.asc")).toBe(KEY);
      },
      removable: true,
    },
  ),
  subject(
    "a unit",
    systemdUnitKind,
    () => [
      { name: "backup.timer", content: TIMER("daily") },
      { name: "backup.timer", content: TIMER("hourly") },
    ],
    {
      prepare: (guest) => write(guest, "/etc/systemd/system/backup.service", "[Service]\nExecStart=/bin/true\n"),
      removable: true,
    },
  ),
  subject("a mount", nfsMountKind, () => [NAS, { ...NAS, readOnly: true }], { whole: never, removable: true }),
  subject("a mount of fstab", nfsMountKind, () => [NAS, { ...NAS, readOnly: true }], {
    prepare: async (guest) => {
      await guest.by(["mkdir", "-p", NAS.target]);
      await write(guest, "/etc/fstab", `${NAS.source} ${NAS.target} nfs rw,nfsvers=4.2,noatime 0 0\n`);
    },
    whole: never,
  }),
  subject(
    "a network guard",
    networkGuardKind,
    () => [
      { ...GUARD, neighbours: ["192.168.86.174/32"] },
      { ...GUARD, neighbours: ["192.168.86.175/32"] },
    ],
    {
      prepare: (guest) => guest.state.packages.push("nftables"),
      removable: true,
    },
  ),
  subject(
    "a file that is tried, and its reader told",
    fileKind,
    () => {
      const file = {
        path: SUDOERS,
        mode: "0440",
        validate: ["visudo", "-cqf", "%s"],
        reload: ["systemctl", "reload", "ssh"],
      };
      return [
        { ...file, content: "inspector ALL=(ALL) ALL\n" },
        { ...file, content: "evan ALL=(ALL) NOPASSWD: ALL\n" },
      ];
    },
    {
      whole: oneOf(SUDOERS, "inspector ALL=(ALL) ALL\n", "evan ALL=(ALL) NOPASSWD: ALL\n"),
      removable: true,
    },
  ),
  subject(
    "a folder",
    directoryKind,
    () => [{ path: "/srv/emby/config" }, { path: "/srv/emby/config", mode: "0700", owner: "1000", group: "1000" }],
    { removable: true },
  ),
];
