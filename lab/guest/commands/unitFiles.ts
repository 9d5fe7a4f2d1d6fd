/** Texts of a simulated guest's units: its own files, and what systemd makes of the lines of fstab. */
import { automountText, mountText } from "../../../providers/guest/nfsTexts";
import { escapePath } from "../../../providers/guest/units";
import type { Context } from "../program";

const FOLDER = "/etc/systemd/system";

/** A value of a unit's text: `setting(text, "Where")`. */
export const setting = (text: string, name: string): string =>
  new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1]?.replaceAll("%%", "%") ?? "";

/** `undefined` where the guest has no file of it. */
export async function fileOf({ run }: Context, name: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run(["cat", "--", `${FOLDER}/${name}`]);
  return exitCode === 0 ? stdout : undefined;
}

/** systemd-fstab-generator, as far as it goes for the NAS's share. */
async function generated({ run }: Context, name: string): Promise<string | undefined> {
  const { stdout } = await run(["cat", "--", "/etc/fstab"]);
  for (const line of stdout.split("\n")) {
    const [source = "", target = "", type = "", options = ""] = line.split(/\s+/);
    if (type !== "nfs" || line.startsWith("#")) continue;
    const share = { source, target };
    if (name === `${escapePath(target)}.mount`) return mountText(share).replace(/^Options=.*$/m, `Options=${options}`);
    const onDemand = options.split(",").includes("x-systemd.automount");
    if (onDemand && name === `${escapePath(target)}.automount`) return automountText(share);
  }
  return undefined;
}

/** `undefined` where there is no such unit, or it came with a package. */
export const textOf = async (context: Context, name: string): Promise<string | undefined> =>
  (await fileOf(context, name)) ?? generated(context, name);
