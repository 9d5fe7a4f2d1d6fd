/** What a simulated guest has mounted. A path below a mount on demand mounts it, where the NAS answers. */
import { lines, refused, said, type Context, type Program } from "../program";

const escape = (text: string): string => text.replaceAll(" ", "\\040");

const below = (path: string, target: string): boolean => path === target || path.startsWith(`${target}/`);

/** The share of a mount on demand, or of a line of fstab, mounted by whoever asks. */
async function demanded(path: string, { guest, run }: Context): Promise<boolean> {
  const at = guest.mounts.find(({ target, type }) => type === "autofs" && below(path, target));
  if (at === undefined || guest.mounts.some(({ target, type }) => type === "nfs4" && target === at.target)) return true;
  if (!guest.nas) return false;
  const unit = at.target.slice(1).replaceAll("-", "\\x2d").replaceAll("/", "-");
  const { stdout } = await run(["cat", "--", `/etc/systemd/system/${unit}.mount`]);
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(stdout)?.[1] ?? "";
  const options = value("Options").split(",");
  const version = options.find((option) => option.startsWith("nfsvers="))?.slice(8) ?? "4.2";
  const kept = options.filter((option) => ["ro", "rw", "hard", "soft"].includes(option));
  guest.mounts.push({
    target: at.target,
    type: "nfs4",
    source: value("What"),
    options: [...kept, "relatime", `vers=${version}`].join(","),
  });
  guest.units[`${unit}.mount`] = { enabled: false, active: true, stale: false };
  return true;
}

export const mountPrograms: Readonly<Record<string, Program>> = {
  /** `stat -f -c %T`: what kind of file system a path is on. */
  statfs: async ([path = ""], context) => {
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
