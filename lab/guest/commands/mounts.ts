/** What a simulated guest has mounted. A path below a mount on demand mounts it, where the NAS answers. */
import { escapePath } from "../../../providers/guest/units";
import { lines, refused, said, type Context, type Program } from "../program";
import { setting, textOf } from "./unitFiles";

const escape = (text: string): string => text.replaceAll(" ", "\\040");

const below = (path: string, target: string): boolean => path === target || path.startsWith(`${target}/`);

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
  procfs: ([path], { guest }) => {
    if (path !== "/proc/self/mountinfo") return undefined;
    return said(
      lines(
        guest.mounts.map(({ target, type, source, options }, index) => {
          const mode = options.split(",").includes("ro") ? "ro" : "rw";
          return `${50 + index} 28 0:${index} / ${escape(target)} ${mode},relatime shared:1 - ${type} ${escape(source)} ${options}`;
        }),
      ),
    );
  },
};
