/** How a share of the NAS is written down on a guest: as two systemd units, or as a line of fstab. Pure. */
import type { NfsMountSpec } from "./kinds/nfsMount";
import { escapeBlanks, type Entry } from "./mountTable";
import { escapePath } from "./units";

type Share = Pick<NfsMountSpec, "target" | "source" | "readOnly" | "version" | "away">;

const options = ({ readOnly, version, away = "hard" }: Share): string[] => [
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

export const mountText = (share: Share): string =>
  unit(
    plain(share.target),
    [
      // A NAS that refuses at once is asked by every container: past a limit systemd would give up on the automount, and
      // leave an empty folder.
      "StartLimitIntervalSec=0",
      "",
      "[Mount]",
      `What=${plain(share.source)}`,
      `Where=${plain(share.target)}`,
      "Type=nfs",
      `Options=${options(share).join(",")}`,
    ],
    false,
  );

export const automountText = ({ target }: Share): string =>
  unit(plain(target), ["", "[Automount]", `Where=${plain(target)}`], true);

export const unitNames = (target: string) => ({
  mount: `${escapePath(target)}.mount`,
  automount: `${escapePath(target)}.automount`,
});

/** On demand: a path is the share or an error, and the guest starts without its NAS; before Docker asks for its paths. */
const BEFORE_DOCKER = "x-systemd.before=docker.service";
const ON_DEMAND = ["nofail", "x-systemd.automount", BEFORE_DOCKER];

/** What the house decides. The rest of a line that is there already, `noatime` or `rsize`, is somebody's own, and stays. */
const DECIDED = /^(defaults|auto|noauto|fg|bg|rw|ro|hard|soft|softerr|_netdev|(nfs)?vers=.*)$/;

export function fstabText(share: Share, former: Entry | undefined): string {
  const asked = [...options(share), ...ON_DEMAND];
  const kept = (former?.options ?? []).filter(
    (option) => option !== "" && !asked.includes(option) && (!DECIDED.test(option) || keepsVersion(share, option)),
  );
  const all = [...asked, ...kept].join(",");
  return [escapeBlanks(share.source), escapeBlanks(share.target), "nfs", all, "0 0"].join(" ");
}

/** Where the house doesn't say which version, the line's own is what the two sides agreed on. */
const keepsVersion = ({ version }: Share, option: string): boolean => version === undefined && option.includes("vers=");

export const sameSource = (a: string, b: string): boolean => a.replace(/(.)\/+$/, "$1") === b.replace(/(.)\/+$/, "$1");

export const isSoft = (options: readonly string[]): boolean => options.includes("soft") || options.includes("softerr");

/** Whether a line mounts what is wanted, on demand, whatever the NAS does while the guest starts. */
export function isRight({ source, options: has }: Entry, share: Share): boolean {
  const version = has.flatMap((option) => /^(?:nfs)?vers=(.*)$/.exec(option)?.[1] ?? [])[0];
  return (
    has.includes("x-systemd.automount") &&
    has.includes(BEFORE_DOCKER) &&
    (has.includes("nofail") || has.includes("noauto")) &&
    sameSource(source, share.source) &&
    has.includes("ro") === (share.readOnly === true) &&
    isSoft(has) === (share.away === "soft") &&
    (share.version === undefined || share.version === version)
  );
}
