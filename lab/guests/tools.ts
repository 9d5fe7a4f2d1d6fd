/**
 * The programs that real guests take, and the Debian packages that they come in. Installs packages where that is this
 * machine's own way (Debian or Ubuntu, as root or with `sudo -n`); elsewhere it says what is missing.
 */
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { composeProblem } from "./compose";

/** Real guests can't be had on this machine; the message says why, and what to do. */
export class GuestsUnavailable extends Error {
  override readonly name = "GuestsUnavailable";
}

/** What is looked for (a program, or a file), and the package that has it. */
const NEEDED: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
  genisoimage: "genisoimage",
  mmdebstrap: "mmdebstrap",
  "grub-mkimage": "grub-common",
  "/usr/lib/grub/i386-pc/boot.img": "grub-pc-bin",
  sfdisk: "fdisk",
  "mkfs.ext4": "e2fsprogs",
  "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
  "/usr/share/seabios/bios-256k.bin": "seabios",
};

/** Where administrators' programs lie, which a user's PATH may leave out. */
const PLACES = ["/usr/sbin", "/sbin"];

const INSTALL_MS = 10 * 60_000;

function isThere(needed: string, path: string): boolean {
  if (needed.startsWith("/")) return existsSync(needed);
  return [...path.split(delimiter), ...PLACES].some((folder) => {
    try {
      accessSync(join(folder, needed), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Packages of the tools that are missing. */
export const missingPackages = (path = process.env.PATH ?? ""): string[] =>
  Object.entries(NEEDED)
    .filter(([needed]) => !isThere(needed, path))
    .map(([, name]) => name);

/** The words that put a command in root's hands; `undefined` where nobody can without being asked. */
export function asRoot(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  try {
    execFileSync("sudo", ["-n", "true"], { stdio: "ignore", timeout: 10_000 });
    return ["sudo", "-n"];
  } catch {
    return undefined;
  }
}

/**
 * Why this machine can't have real guests as it is, with what to do; `undefined` where it can.
 * @param install whether what is missing would be installed
 */
export function whyUnavailable(install: boolean): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return (
      `real guests need Linux on x86-64 (the image is built with Debian's tools and booted by QEMU), and this is ` +
      `${process.platform} on ${process.arch}: use such a machine, or the simulated guests`
    );
  }
  const problem = composeProblem(install);
  if (problem !== undefined) return problem;
  const packages = missingPackages();
  if (packages.length === 0) return undefined;
  if (!existsSync(APT))
    return `real guests need programs that are missing here: what Debian calls ${packages.join(", ")}`;
  if (install && asRoot() !== undefined) return undefined;
  return `real guests need programs that are missing here - run: sudo apt-get ${installing(packages).join(" ")}`;
}

const APT = "/usr/bin/apt-get";
const installing = (packages: readonly string[]): string[] => ["install", "--no-install-recommends", ...packages];

/**
 * Brings the missing tools in with the machine's own apt.
 * @throws GuestsUnavailable where this is no Linux on x86-64, or nobody may install: with the command that would
 */
export function ensureTools(install: boolean, say: (text: string) => void): void {
  const reason = whyUnavailable(install);
  if (reason !== undefined) throw new GuestsUnavailable(reason);
  const packages = missingPackages();
  if (packages.length === 0) return;
  say(`installing ${packages.join(", ")}`);
  const apt = (...args: string[]): void => {
    const [program = "", ...rest] = [...(asRoot() ?? []), "env", "DEBIAN_FRONTEND=noninteractive", APT, "-y", ...args];
    execFileSync(program, rest, { stdio: ["ignore", "ignore", "pipe"], timeout: INSTALL_MS });
  };
  try {
    apt("update");
    apt(...installing(packages));
  } catch (error) {
    const said = String((error as { readonly stderr?: unknown }).stderr ?? error).trim();
    throw new GuestsUnavailable(
      `could not install what real guests need (${packages.join(", ")}):\n${said.slice(-2000)}`,
    );
  }
}
