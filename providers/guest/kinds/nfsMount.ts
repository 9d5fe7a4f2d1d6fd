/**
 * A share of the NAS on a guest, mounted on demand by systemd (`.automount`): a path that is asked for is the share or an
 * error, never an empty folder, so that no container starts on one while the NAS is away. Where /etc/fstab has the target
 * already, its line is kept and changed. Read as the kernel has it, not as it was configured.
 */
import { z } from "zod";
import { guestPath, onGuest, type OnGuest } from "../guest";
import type { Answer, Command } from "../bulk";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { escapeBlanks, fstabLine, mountinfo, withLine, type Mounted } from "../mountTable";
import { seenText } from "../seenFile";
import { run, type Step } from "../step";
import { escapePath, lookAtUnit, seenUnit, unitPath, unitRemoval, type SeenUnit } from "../units";

export interface NfsMountSpec extends OnGuest {
  /** Where: an absolute path. Another one is another mount. */
  readonly target: string;
  /** `192.168.86.43:/volume1/infinity-node`. In place, once nothing uses it. */
  readonly source: string;
  /** In place. @default false */
  readonly readOnly?: boolean;
  /** Version of NFS: `4.2`, `3`. In place. @default as the two sides agree */
  readonly version?: string;
  /** What happens to a program while the NAS is away: waits (hard), or fails (soft). In place. @default hard */
  readonly away?: "hard" | "soft";
  /** Set by `check`, false where it isn't mounted: no need to give it. */
  readonly mounted?: boolean;
  /** Set by `check`; names of local files that the mount covers: no need to give it. */
  readonly covered?: readonly string[];
}

interface Seen {
  readonly mounted?: Mounted;
  readonly fstab: string;
  readonly line?: number;
  readonly mount: SeenUnit;
  readonly automount: SeenUnit;
  readonly covered: readonly string[];
}

const FSTAB = "/etc/fstab";

const schema: z.ZodType<NfsMountSpec> = z.strictObject({
  ...onGuest,
  target: guestPath.refine((path) => path !== "/", { error: "a folder below /" }),
  source: z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:,]+):\/[^\s]*$/, { error: "HOST:/EXPORT" }),
  readOnly: z.boolean().optional(),
  version: z
    .string()
    .regex(/^(3|4|4\.[0-2])$/, { error: "a version of NFS: 3, 4, 4.0, 4.1 or 4.2" })
    .optional(),
  away: z.enum(["hard", "soft"]).optional(),
  mounted: z.boolean().optional(),
  covered: z.array(z.string()).optional(),
});

const options = ({ readOnly, version, away = "hard" }: NfsMountSpec): string[] => [
  readOnly === true ? "ro" : "rw",
  ...(version === undefined ? [] : [`nfsvers=${version}`]),
  away,
  "_netdev",
];

/** Not required by anything, so that the guest comes up without its NAS; there before Docker asks for its paths. */
const unit = (target: string, lines: readonly string[], install: boolean): string =>
  [
    "# Written by infinity-node: changes here are undone.",
    "[Unit]",
    `Description=The house's NAS at ${target}`,
    "Before=docker.service",
    ...lines,
    ...(install ? ["", "[Install]", "WantedBy=multi-user.target"] : []),
    "",
  ].join("\n");

/** systemd's own word for `%` is `%%`. */
const plain = (text: string): string => text.replaceAll("%", "%%");

const mountText = (spec: NfsMountSpec): string =>
  unit(
    plain(spec.target),
    [
      "",
      "[Mount]",
      `What=${plain(spec.source)}`,
      `Where=${plain(spec.target)}`,
      "Type=nfs",
      `Options=${options(spec).join(",")}`,
    ],
    false,
  );

const automountText = ({ target }: NfsMountSpec): string =>
  unit(plain(target), ["", "[Automount]", `Where=${plain(target)}`], true);

const fstabText = (spec: NfsMountSpec): string =>
  [
    escapeBlanks(spec.source),
    escapeBlanks(spec.target),
    "nfs",
    [...options(spec), "nofail", "x-systemd.automount", "x-systemd.before=docker.service"].join(","),
    "0 0",
  ].join(" ");

const units = (target: string) => ({
  mount: `${escapePath(target)}.mount`,
  automount: `${escapePath(target)}.automount`,
});

/** Asks for what is mounted there, and gives up on a NAS that is away: a hard mount ends by no milder signal. */
const touch = (target: string): Command => [
  "timeout",
  "-s",
  "KILL",
  "20",
  "stat",
  "-f",
  "-c",
  "%T",
  "--",
  `${target}/.`,
];

/** What lies below the mount, seen without it: in a name space of its own, where unmounting is nobody else's business. */
const COVERED = 'while umount -l -- "$1" 2>/dev/null; do :; done; ls -A -- "$1" 2>/dev/null | head -n 5';

const isNfs = ({ type }: Mounted): boolean => type === "nfs" || type === "nfs4";

function look({ target }: NfsMountSpec): Command[] {
  const { mount, automount } = units(target);
  return [
    touch(target),
    ["grep", "-F", ` ${escapeBlanks(target)} `, "/proc/self/mountinfo"],
    ["cat", "--", FSTAB],
    ["unshare", "-m", "sh", "-c", COVERED, "sh", target],
    ...lookAtUnit(mount),
    ...lookAtUnit(automount),
  ];
}

function see(given: readonly Answer[], { target }: NfsMountSpec): Seen {
  const [, info, fstab, covered, ...rest] = given;
  if (info === undefined || info.exitCode > 1) throw new Error(`what is mounted can't be read: ${info?.stderr ?? ""}`);
  const there = mountinfo(info.stdout).filter((each) => each.target === target);
  const table = seenText(FSTAB, fstab) ?? "";
  const { mount, automount } = units(target);
  return {
    mounted: there.findLast(isNfs),
    fstab: table,
    line: fstabLine(table, target),
    mount: seenUnit(mount, rest.slice(0, 3)),
    automount: seenUnit(automount, rest.slice(3)),
    covered: (covered?.stdout ?? "").split("\n").filter((name) => name !== ""),
  };
}

/** The version in force, as the house writes it: 4 is any 4.x. */
function versionOf({ options: has }: Mounted, wanted: string): string {
  const version = has.find((option) => option.startsWith("vers="))?.slice(5) ?? "?";
  return wanted === "4" && version.startsWith("4.") ? "4" : version;
}

/** Whether it will be there again after a start of the guest. */
const lasting = ({ line, automount }: Seen): boolean => line !== undefined || automount.enabled;

export const nfsMountKind: Kind<NfsMountSpec, Seen> = {
  noun: "mount",
  schema,
  identity: ["target"],
  canonical: ({ readOnly = false, away = "hard", ...rest }) => ({
    ...rest,
    readOnly,
    away,
    mounted: true,
    covered: [],
  }),
  name: ({ target }) => target,
  look,
  see,
  live: (seen, inputs) => {
    const { mounted, covered } = seen;
    if (mounted === undefined) return lasting(seen) ? { ...inputs, mounted: false, covered } : undefined;
    return {
      ...inputs,
      source: mounted.source,
      readOnly: mounted.options.includes("ro"),
      version: inputs.version && versionOf(mounted, inputs.version),
      away: mounted.options.includes("soft") ? "soft" : "hard",
      mounted: lasting(seen),
      covered,
    };
  },
  steps: (seen, wanted) => {
    const { target, source } = wanted;
    if (seen.covered.length > 0)
      throw new Error(
        `local files lie in ${target}, and the mount would cover them: ${seen.covered.join(", ")} - unmount it, move them ` +
          `to the NAS or away, and run up again; nothing was changed`,
      );
    const { mount, automount } = units(target);
    const has = nfsMountKind.live(seen, wanted);
    const inForce =
      seen.mounted !== undefined &&
      has?.source === source &&
      (["readOnly", "version", "away"] as const).every((name) => has[name] === wanted[name]);
    const write = (path: string, content: string): Step => ({
      kind: "write",
      path,
      content,
      mode: "0644",
      owner: "root:root",
    });
    const folder = run("mkdir", "-p", "--", target);
    const reload = run("systemctl", "daemon-reload");
    // What is mounted otherwise has to go first: systemd refuses where it is in use, and says so.
    const free = seen.mounted === undefined || inForce ? [] : [run("systemctl", "stop", "--", automount, mount)];
    if (seen.line !== undefined) {
      if (inForce) return [];
      const text = withLine(seen.fstab, seen.line, fstabText(wanted));
      return [
        folder,
        ...free,
        write(FSTAB, text),
        reload,
        run("systemctl", "restart", "remote-fs.target"),
        run(...touch(target)),
      ];
    }
    const wrong = [
      ...(seen.mount.text === mountText(wanted) ? [] : [write(unitPath(mount), mountText(wanted))]),
      ...(seen.automount.text === automountText(wanted) ? [] : [write(unitPath(automount), automountText(wanted))]),
    ];
    const steps = [
      ...free,
      ...wrong,
      ...(wrong.length > 0 || seen.mount.due || seen.automount.due ? [reload] : []),
      ...(seen.automount.enabled ? [] : [run("systemctl", "enable", "--", automount)]),
      // systemd makes no automount where something is mounted already: that one takes its place at the next start.
      ...(inForce ? [] : [run("systemctl", "start", "--", automount), run(...touch(target))]),
    ];
    return steps.length > 0 ? [folder, ...steps] : [];
  },
  remove: ({ target }) => {
    const { mount, automount } = units(target);
    return [...unitRemoval(automount), run("systemctl", "stop", "--", mount), run("rm", "-f", "--", unitPath(mount))];
  },
};

export const lifecycle = guestLifecycle(nfsMountKind);
