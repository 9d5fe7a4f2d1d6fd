/** What a simulated guest has mounted, as its kernel tells it. A path below a mount on demand mounts it, where the NAS answers. */
import { createHash } from "node:crypto";
import { escapePath } from "../../../providers/guest/units";
import { lines, refused, said, type Context, type Program } from "../program";
import type { LabMount } from "../state";
import { setting, textOf } from "./unitFiles";

const escape = (text: string): string => text.replaceAll(" ", "\\040");

/** Whether a path is a mount's, or below it. */
export const below = (path: string, target: string): boolean => path === target || path.startsWith(`${target}/`);

/** The kernel shares one file system among mounts of the same source and options, and gives any other a number of its own. */
export const deviceOf = ({ source, options }: Pick<LabMount, "source" | "options">): string =>
  `0:${Number.parseInt(createHash("sha256").update(`${source} ${options}`).digest("hex").slice(0, 5), 16)}`;

/** The share of a mount on demand, mounted by whoever asks. */
async function demanded(path: string, context: Context): Promise<boolean> {
  const { guest } = context;
  const at = guest.mounts.find(({ target, type }) => type === "autofs" && below(path, target));
  if (at === undefined) return true;
  if (guest.mounts.some(({ target, type }) => type === "nfs4" && target === at.target)) return true;
  if (!guest.nas) return false;
  const unit = `${escapePath(at.target)}.mount`;
  const text = (await textOf(context, unit)) ?? "";
  const options = setting(text, "Options").split(",");
  const version = options.find((option) => option.startsWith("nfsvers="))?.slice(8) ?? "4.2";
  const kept = options.filter((option) => ["ro", "rw", "hard", "soft"].includes(option));
  guest.mounts.push({
    target: at.target,
    type: "nfs4",
    source: setting(text, "What"),
    options: [...kept, "relatime", `vers=${version}`].join(","),
  });
  guest.units[unit] = { enabled: false, active: true, stale: false };
  return true;
}

function mountLine(mount: LabMount, index: number): string {
  const { target, type, source, options } = mount;
  const mode = options.split(",").includes("ro") ? "ro" : "rw";
  return `${50 + index} 28 ${deviceOf(mount)} / ${escape(target)} ${mode},relatime shared:1 - ${type} ${escape(source)} ${options}`;
}

export const mountPrograms: Readonly<Record<string, Program>> = {
  /** `stat -f -c %T`: what kind of file system a path is on. */
  statfs: async ([path = ""], context) => {
    const { nas, mounts } = context.guest;
    // Who asks for what is mounted hard waits until its time is over.
    if (!nas && mounts.some(({ target, type }) => type === "nfs4" && below(path, target))) return refused("", 137);
    if (!(await demanded(path, context)))
      return refused(`stat: cannot read file system information for '${path}': No such device`);
    const mounted = context.guest.mounts.findLast(
      ({ target, type }) => type !== "autofs" && below(path.replace(/\/\.$/, ""), target),
    );
    return said(mounted ? "nfs\n" : "ext2/ext3\n");
  },
  /** By hand, whoever uses it. */
  umount: ([lazy, target], { guest }) => {
    if (lazy !== "-l") return undefined;
    const at = guest.mounts.findLastIndex((mount) => mount.target === target);
    if (at < 0) return refused(`umount: ${target ?? ""}: not mounted.`, 32);
    guest.mounts.splice(at, 1);
    return said();
  },
  procfs: ([path = ""], { guest }) => {
    if (path === "/proc/self/mountinfo") return said(lines(guest.mounts.map(mountLine)));
    const [, pid] = /^\/proc\/(\d+)\/mountinfo$/.exec(path) ?? [];
    const container = guest.containers.find((each) => each.status === "running" && String(each.pid) === pid);
    if (pid === undefined) return undefined;
    if (container === undefined) return refused(`cat: ${path}: No such file or directory`);
    const own = { target: "/", type: "overlay", source: "overlay", options: "rw" };
    const shares = (container.shares ?? []).map(({ at, ...share }) => ({ target: at, type: "nfs4", ...share }));
    return said(lines([own, ...shares].map(mountLine)));
  },
};
