/**
 * A share of the NAS on a guest, mounted on demand by systemd (`.automount`): a path that is asked for is the share or an
 * error, never an empty folder, so that no container starts on one while the NAS is away. Where /etc/fstab has the target
 * already, its line is kept and changed. Read as the kernel has it, not as it was configured.
 */
import { z } from "zod";
import { hung, soon, type Answer, type Command } from "../bulk";
import { guestPath, onGuest, type OnGuest } from "../guest";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import {
  escapeBlanks,
  fstabEntry,
  isNfs,
  mountinfo,
  withLine,
  withoutLine,
  type Entry,
  type Mounted,
} from "../mountTable";
import { automountText, fstabText, isRight, isSoft, mountText, sameSource, unitNames } from "../nfsTexts";
import { seenText } from "../seenFile";
import { run, write, type Step } from "../step";
import { lookAtUnit, seenUnit, unitPath, unitRemoval, type SeenUnit } from "../units";

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
  /** Set by `check`, false where it isn't mounted on demand after a start of the guest: no need to give it. */
  readonly onDemand?: boolean;
  /** Set by `check`; names of local files that the mount covers: no need to give it. */
  readonly covered?: readonly string[];
}

interface Seen {
  /** The share. */
  readonly mounted?: Mounted;
  /** What else is mounted there, above or in place of it. */
  readonly other?: Mounted;
  /** systemd waits there for somebody who asks. */
  readonly awaited: boolean;
  readonly fstab: string;
  readonly entry?: Entry;
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
  onDemand: z.boolean().optional(),
  covered: z.array(z.string()).optional(),
});

/** Asks for what is mounted there. */
const touch = (target: string): Command => soon("stat", "-f", "-c", "%T", "--", `${target}/.`);

/** What lies below the mount, seen without it: in a name space of its own, where unmounting is nobody else's business. */
const COVERED = 'while umount -l -- "$1" 2>/dev/null; do :; done; ls -A -- "$1" 2>/dev/null | head -n 5';

function look({ target }: NfsMountSpec): Command[] {
  const { mount, automount } = unitNames(target);
  return [
    touch(target),
    ["grep", "-F", ` ${escapeBlanks(target)} `, "/proc/self/mountinfo"],
    ["cat", "--", FSTAB],
    soon("unshare", "-m", "sh", "-c", COVERED, "sh", target),
    ...lookAtUnit(mount),
    ...lookAtUnit(automount),
  ];
}

function see(given: readonly Answer[], { target }: NfsMountSpec): Seen {
  const [touched, info, fstab, covered, ...rest] = given;
  if (info === undefined || info.exitCode > 1) throw new Error(`what is mounted can't be read: ${info?.stderr ?? ""}`);
  const there = mountinfo(info.stdout).filter((each) => each.target === target);
  const top = there.findLast(({ type }) => type !== "autofs");
  const mounted = top !== undefined && isNfs(top) ? top : undefined;
  if (mounted !== undefined && hung(touched))
    throw new Error(`${mounted.source} doesn't answer, and what is mounted from it waits - is the NAS on?`);
  if (covered?.exitCode !== 0)
    throw new Error(
      `what lies in ${target} itself can't be seen: ${covered?.stderr ?? ""} - nothing is mounted over it`,
    );
  const table = seenText(FSTAB, fstab) ?? "";
  const { mount, automount } = unitNames(target);
  return {
    mounted,
    other: mounted === undefined ? top : undefined,
    awaited: there.some(({ type }) => type === "autofs"),
    fstab: table,
    entry: fstabEntry(table, target),
    mount: seenUnit(mount, rest.slice(0, 3)),
    automount: seenUnit(automount, rest.slice(3)),
    covered: covered.stdout.split("\n").filter((name) => name !== ""),
  };
}

/** The version in force, as the house writes it: 4 is any 4.x. */
function versionOf({ options: has }: Mounted, wanted: string): string {
  const version = has.find((option) => option.startsWith("vers="))?.slice(5) ?? "?";
  return wanted === "4" && version.startsWith("4.") ? "4" : version;
}

/** Whether a start of the guest mounts it again on demand, as it is wanted. */
const comesBack = ({ entry, mount, automount }: Seen, wanted: NfsMountSpec): boolean =>
  entry === undefined
    ? automount.enabled && automount.text === automountText(wanted) && mount.text === mountText(wanted)
    : isRight(entry, wanted);

/** What is mounted is the share as it is wanted. */
function isInForce({ mounted }: Seen, { source, readOnly, version, away }: NfsMountSpec): boolean {
  if (mounted === undefined || !sameSource(mounted.source, source)) return false;
  if (mounted.options.includes("ro") !== (readOnly === true) || isSoft(mounted.options) !== (away === "soft"))
    return false;
  return version === undefined || versionOf(mounted, version) === version;
}

/** @throws Error where something is in the way that nobody here may take away. */
function refuseOthers({ covered, other, entry }: Seen, target: string): void {
  if (covered.length > 0)
    throw new Error(
      `local files lie in ${target}, and the mount would cover them: ${covered.join(", ")} - unmount it, move them ` +
        `to the NAS or away, and run up again; nothing was changed`,
    );
  if (other !== undefined)
    throw new Error(`${other.source} (${other.type}) is mounted at ${target} - unmount it, or name another target`);
  if (entry !== undefined && !isNfs(entry))
    throw new Error(
      `${FSTAB} has ${entry.source} (${entry.type}) at ${target} - take that line out, or name another target`,
    );
}

/**
 * Arguments: the automount, and its mount. One command, so that whoever is killed over it leaves no empty folder in the
 * share's place; and on demand again where the mount is in use and stays.
 */
export const RENEW = 'systemctl stop -- "$@"; code=$?; systemctl start -- "$1" && exit "$code"';

function written(seen: Seen, wanted: NfsMountSpec): Step[] {
  const { mount, automount } = unitNames(wanted.target);
  const reload = run("systemctl", "daemon-reload");
  const { entry } = seen;
  if (entry !== undefined) {
    const text = withLine(seen.fstab, entry.line, fstabText(wanted, entry));
    return text === seen.fstab ? [] : [write(FSTAB, text), reload];
  }
  const wrong = [
    ...(seen.mount.text === mountText(wanted) ? [] : [write(unitPath(mount), mountText(wanted))]),
    ...(seen.automount.text === automountText(wanted) ? [] : [write(unitPath(automount), automountText(wanted))]),
  ];
  return [
    ...wrong,
    ...(wrong.length > 0 || seen.mount.due || seen.automount.due ? [reload] : []),
    ...(seen.automount.enabled ? [] : [run("systemctl", "enable", "--", automount)]),
  ];
}

export const nfsMountKind: Kind<NfsMountSpec, Seen> = {
  noun: "mount",
  schema,
  identity: ["target"],
  canonical: ({ readOnly = false, away = "hard", ...rest }) => ({
    ...rest,
    ...{ readOnly, away },
    ...{ mounted: true, onDemand: true, covered: [] },
  }),
  name: ({ target }) => target,
  look,
  see,
  live: (seen, inputs) => {
    const { mounted, other, covered, entry, mount, automount } = seen;
    const none = [other, entry, mount.text, automount.text].every((each) => each === undefined);
    if (mounted === undefined && none) return undefined;
    const onDemand = inputs.onDemand && comesBack(seen, inputs);
    if (mounted === undefined)
      return { ...inputs, source: other?.source ?? inputs.source, mounted: false, onDemand, covered };
    return {
      ...inputs,
      source: sameSource(mounted.source, inputs.source) ? inputs.source : mounted.source,
      readOnly: mounted.options.includes("ro"),
      version: inputs.version && versionOf(mounted, inputs.version),
      away: isSoft(mounted.options) ? "soft" : "hard",
      mounted: true,
      onDemand,
      covered,
    };
  },
  steps: (seen, wanted) => {
    const { target } = wanted;
    refuseOthers(seen, target);
    const { mount, automount } = unitNames(target);
    const inForce = isInForce(seen, wanted);
    if (inForce && comesBack(seen, wanted)) return [];
    const onlyAsked = seen.awaited && seen.mounted === undefined && comesBack(seen, wanted);
    // What is mounted otherwise has to go first: systemd refuses where it is in use, and says so.
    const begun = seen.awaited || seen.mounted !== undefined || seen.automount.active !== "inactive";
    const renewed = begun ? run("sh", "-c", RENEW, "sh", automount, mount) : run("systemctl", "start", "--", automount);
    return [
      ...(seen.mounted === undefined && !seen.awaited ? [run("mkdir", "-p", "--", target)] : []),
      // First: systemd stops no unit that it hasn't got, and after a power cut it is mounted by what stands there.
      ...written(seen, wanted),
      // systemd makes no automount where something is mounted already: that one takes its place at the next start.
      ...(inForce ? [] : [...(onlyAsked ? [] : [renewed]), run(...touch(target))]),
    ];
  },
  remove: async ({ target }, looked) => {
    const { mount, automount } = unitNames(target);
    const { fstab, entry } = await looked();
    if (entry === undefined || !isNfs(entry)) return [unitRemoval(automount), unitRemoval(mount)];
    // Unmounted first: where it is in use all stays as it is. systemd makes both units of the line, which goes last.
    const stop = run("systemctl", "stop", "--", automount, mount);
    return [stop, write(FSTAB, withoutLine(fstab, entry.line)), run("systemctl", "daemon-reload")];
  },
};

export const lifecycle = guestLifecycle(nfsMountKind);
