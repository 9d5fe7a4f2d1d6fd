/**
 * What a guest's disk image is made of: a Debian 12 with what the house's machines need, and no more awake at boot than
 * a log-in takes. Pure. Everything here is part of the image's name in the cache: a change makes another image.
 */
import { createHash } from "node:crypto";

export interface Recipe {
  readonly suite: string;
  readonly packages: readonly string[];
  /** Left asleep: each costs seconds of an emulated boot. What needs one starts it. */
  readonly disabled: readonly string[];
  /** By path in the guest. */
  readonly files: Readonly<Record<string, string>>;
  /** GRUB's modules in its core image. */
  readonly grub: readonly string[];
  /** MiB of the file system; the disk grows to what a VM says, and its first boot grows this one with it. */
  readonly sizeMib: number;
  /** Hash of what Docker Compose is built from: see compose.ts. */
  readonly compose?: string;
}

/** Label of the root file system: the same whichever bus the disk is on. */
const ROOT_LABEL = "guest-root";

/** On a guest's CD: images for its Docker. Beside it, what tells it from another in a glance: its name with `.sum`. */
export const STAND_INS = "stand-ins.tar";

const SYSTEM = [
  "linux-image-cloud-amd64",
  "systemd-sysv",
  "udev",
  "dbus",
  "systemd-resolved",
  "kmod",
  "zstd",
  "lz4",
  "fdisk",
];
const ACCESS = ["openssh-server", "sudo", "cloud-init", "cloud-guest-utils", "netplan.io", "qemu-guest-agent"];
const NETWORK = ["iproute2", "iputils-ping", "nftables", "wireguard-tools", "tcpdump", "ca-certificates", "curl"];
const SERVICES = [
  "nfs-common",
  "nfs-kernel-server",
  "docker.io",
  "crun",
  "apparmor",
  "unattended-upgrades",
  "python3",
  "busybox-static",
];

const SERVED_ON_DEMAND = [
  ...["docker.service", "docker.socket", "containerd.service", "unattended-upgrades.service"],
  ...["nfs-server.service", "nfs-blkmap.service", "rpcbind.service", "rpcbind.socket", "nftables.service"],
];

/** Docker brings its own profile along; the distribution's are parsed for twenty emulated seconds at each boot. */
const CHORES = ["apparmor.service", "e2scrub_reap.service"];
const TIMERS = [
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "e2scrub_all.timer",
  "fstrim.timer",
  "dpkg-db-backup.timer",
];

/**
 * Proxmox's user data asks for an upgrade of all packages at the first boot: minutes where the processor is emulated, and
 * another guest every day. The image's cloud-init leaves that step out; the data stay as Proxmox makes them.
 */
const CLOUD_INIT = `datasource_list: [NoCloud, None]
locale: C.UTF-8
ssh_genkeytypes: [ed25519]
apt:
  preserve_sources_list: true
cloud_final_modules:
  - scripts_vendor
  - scripts_per_once
  - scripts_per_boot
  - scripts_per_instance
  - scripts_user
  - ssh_authkey_fingerprints
  - final_message
`;

const GRUB_CFG = `set timeout=0
search --no-floppy --label ${ROOT_LABEL} --set=root
linux /vmlinuz root=LABEL=${ROOT_LABEL} ro console=ttyS0 mitigations=off
initrd /initrd.img
boot
`;

/**
 * Images that stand in for those of registries lie on the guest's CD, as standIns/ makes them: Docker has them before
 * anybody asks it for one. Loaded once; a Docker that is restarted has them still.
 */
const LOAD_STAND_INS = `#!/bin/sh
set -e
cd=/dev/disk/by-label/cidata
[ -e $cd ] || exit 0
folder=$(mktemp -d)
mount -o ro $cd "$folder"
trap 'umount "$folder"; rmdir "$folder"' EXIT
[ -e "$folder/${STAND_INS}" ] || exit 0
cmp -s "$folder/${STAND_INS}.sum" /var/lib/${STAND_INS}.sum && exit 0
docker load --quiet --input "$folder/${STAND_INS}"
cp "$folder/${STAND_INS}.sum" /var/lib/${STAND_INS}.sum
`;

/** crun does what runc does, to the option: what each health check starts in a container takes it a fraction of the time. */
const DOCKER_DROP_IN = `[Service]
Environment="DOCKER_OPTS=--add-runtime crun=/usr/bin/crun --default-runtime crun"
ExecStartPost=/bin/sh /usr/local/lib/load-stand-ins
`;

export const RECIPE: Recipe = {
  suite: "bookworm",
  packages: [...SYSTEM, ...ACCESS, ...NETWORK, ...SERVICES],
  disabled: [...SERVED_ON_DEMAND, ...CHORES, ...TIMERS],
  files: {
    "/etc/fstab": `LABEL=${ROOT_LABEL} / ext4 errors=remount-ro 0 0\n`,
    "/etc/initramfs-tools/conf.d/guests": "COMPRESS=lz4\n",
    "/etc/cloud/cloud.cfg.d/90_guests.cfg": CLOUD_INIT,
    "/boot/grub/grub.cfg": GRUB_CFG,
    "/usr/local/lib/load-stand-ins": LOAD_STAND_INS,
    "/etc/systemd/system/docker.service.d/stand-ins.conf": DOCKER_DROP_IN,
  },
  grub: ["biosdisk", "part_msdos", "ext2", "normal", "configfile", "linux", "search", "search_label"],
  sizeMib: 3072,
};

export { ROOT_LABEL };

/** The cache's name of an image: 16 hexadecimal digits. */
export const recipeHash = (recipe: Recipe): string =>
  createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 16);
