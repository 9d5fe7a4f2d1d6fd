/**
 * The commands that make a guest's disk image of a recipe, in order: root file system, partition, boot loader, qcow2.
 * No loop device and no mount, so that a container can do it. Pure: lists them; who runs them stands in build.ts.
 */
import { join } from "node:path";
import { ROOT_LABEL, type Recipe } from "./recipe";

export interface Step {
  readonly what: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** The partition begins here, in sectors of 512 bytes; GRUB's core lies before it. */
const FIRST_SECTOR = 2048;
const GRUB_DIR = "/usr/lib/grub/i386-pc";

/** GRUB's `boot.img` fills the first sector up to the partition table. */
const BOOT_CODE_BYTES = 440;

/** Older than the machine that makes the file system: GRUB 2.06 reads neither of these. */
const EXT4_FEATURES = "^metadata_csum_seed,^orphan_file";

/** In the new system: what must differ from guest to guest is made at its first boot. */
function inRoot(recipe: Recipe): string[] {
  return [
    `chroot "$1" systemctl disable ${recipe.disabled.join(" ")}`,
    'rm -f "$1"/etc/ssh/ssh_host_*',
    ': > "$1/etc/machine-id"',
    'ln -sf ../run/systemd/resolve/stub-resolv.conf "$1/etc/resolv.conf"',
    'rm -rf "$1"/var/cache/apt/*.bin "$1"/usr/share/doc "$1"/usr/share/man "$1"/usr/share/locale',
  ];
}

/** @param dir a scratch folder of the build; `dir/files` holds the recipe's files. Makes `dir/image.qcow2`, `dir/vmlinuz`, `dir/busybox`. */
export function imageSteps(recipe: Recipe, dir: string): Step[] {
  const [files, root, raw, core] = ["files", "root", "disk.raw", "core.img"].map((name) => join(dir, name)) as [
    string,
    string,
    string,
    string,
  ];
  const hooks = inRoot(recipe).map((command) => `--customize-hook=${command}`);
  const dd = (from: string, ...more: string[]): Step => ({
    what: "write the boot loader",
    program: "dd",
    args: [`if=${from}`, `of=${raw}`, "conv=notrunc", "status=none", ...more],
  });
  const include = `--include=${recipe.packages.join(",")}`;
  const early = `--essential-hook=sync-in ${files} /`;
  const fsOptions = ["-q", "-F", "-L", ROOT_LABEL, "-O", EXT4_FEATURES, "-E", `offset=${FIRST_SECTOR * 512}`];
  return [
    { what: "give the files to root", program: "chown", args: ["-R", "0:0", files] },
    {
      what: "install Debian's packages",
      program: "mmdebstrap",
      args: ["--mode=root", "--variant=minbase", include, early, ...hooks, recipe.suite, root],
    },
    { what: "make the disk", program: "truncate", args: ["-s", `${recipe.sizeMib + 2}M`, raw] },
    {
      what: "partition the disk",
      program: "sh",
      args: ["-c", `echo 'start=${FIRST_SECTOR},type=83,bootable' | sfdisk --quiet --label dos "$1"`, "sh", raw],
    },
    { what: "fill the disk", program: "mkfs.ext4", args: [...fsOptions, "-d", root, raw, `${recipe.sizeMib}M`] },
    { what: "keep the kernel", program: "cp", args: ["-L", join(root, "vmlinuz"), join(dir, "vmlinuz")] },
    { what: "keep a busybox", program: "cp", args: ["-L", join(root, "bin/busybox"), join(dir, "busybox")] },
    {
      what: "make the boot loader",
      program: "grub-mkimage",
      args: ["-O", "i386-pc", "-p", "(hd0,msdos1)/boot/grub", "-o", core, ...recipe.grub],
    },
    dd(join(GRUB_DIR, "boot.img"), "bs=1", `count=${BOOT_CODE_BYTES}`),
    dd(core, "bs=512", "seek=1"),
    {
      what: "pack the image",
      program: "qemu-img",
      args: ["convert", "-f", "raw", "-O", "qcow2", raw, join(dir, "image.qcow2")],
    },
  ];
}
