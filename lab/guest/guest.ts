/**
 * A simulated guest: Debian as far as the provider asks for it, behind a real SSH server with real files. What it has lies
 * in one folder and outlives it; what the provider doesn't send is refused. Touches its port and that folder.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandHandler } from "../ssh/command";
import { fileCommands } from "../ssh/fileCommands";
import { startHost, type HostUser, type LabHost } from "../ssh/server";
import { accountPrograms } from "./commands/accounts";
import { dockerPrograms } from "./commands/docker";
import { filePrograms } from "./commands/files";
import { firewallPrograms } from "./commands/firewall";
import { mountPrograms } from "./commands/mounts";
import { systemPrograms } from "./commands/system";
import { Moments, Stopped, type Blow } from "./moments";
import { reboot } from "./reboot";
import { Hung, refused, type Context, type Program, type Result } from "./program";
import { shellPrograms } from "./shell";
import { freshGuest, freshUnits, type GuestState } from "./state";
import { mayBecomeRoot } from "./sudoers";

export interface GuestOptions {
  /** Everything of the guest: its files in `root/`, the rest in `guest.json`. Made where it is missing. */
  readonly dir: string;
  readonly hostname: string;
  /** The user that its cloud-init made, and the public keys that let it in. */
  readonly user: string;
  readonly keys: readonly string[];
  readonly port?: number;
  /** Whether its VM runs: nobody is let in while it doesn't. @default it always does */
  readonly isUp?: () => boolean;
  /** Private key in OpenSSH's form. @default a new one */
  readonly hostKey?: string;
  /** Milliseconds of a round trip to it. @default 0 */
  readonly latencyMs?: number;
}

export interface LabGuest extends LabHost {
  readonly state: GuestState;
  /** What befalls it while it works. */
  readonly moments: Moments;
  /** What somebody at the guest's own console does: acts as root, by the same table. */
  by(hand: readonly string[], stdin?: string): Promise<Result>;
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  ...shellPrograms,
  ...filePrograms,
  ...accountPrograms,
  ...systemPrograms,
  ...mountPrograms,
  ...firewallPrograms,
  ...dockerPrograms,
};

/** Folders that a Debian has from its first day. */
const FOLDERS = [
  "etc/ssh/sshd_config.d",
  "etc/sudoers.d",
  "etc/apt/apt.conf.d",
  "etc/apt/sources.list.d",
  "etc/systemd/system",
  "usr/local/sbin",
  "home",
  "root",
  "run",
  "opt",
  "srv",
  "mnt",
];

function install({ hostname, user, keys }: GuestOptions, root: string): GuestState {
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true });
  const home = join(root, "home", user, ".ssh");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "authorized_keys"), keys.map((key) => `${key}\n`).join(""));
  writeFileSync(join(root, "etc/sudoers.d/90-cloud-init-users"), `${user} ALL=(ALL) NOPASSWD:ALL\n`);
  writeFileSync(
    join(root, "etc/os-release"),
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
  );
  writeFileSync(join(root, "etc/fstab"), "UUID=lab / ext4 errors=remount-ro 0 1\n");
  writeFileSync(
    join(root, "etc/ssh/sshd_config"),
    "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\nX11Forwarding yes\n",
  );
  return freshGuest(hostname, user);
}

function stored(path: string): GuestState | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as GuestState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Who may log in now, and by which keys: as its files say at that moment. */
function usersOf(state: GuestState, root: string, isUp: () => boolean): Record<string, HostUser> {
  const of = (name: string): HostUser | undefined => {
    const account = state.accounts[name];
    if (account === undefined || account.expired === true || !isUp()) return undefined;
    // sshd's own default, both of them.
    const texts = ["authorized_keys", "authorized_keys2"].map((file) => {
      try {
        return readFileSync(join(root, account.home, ".ssh", file), "utf8");
      } catch {
        return "";
      }
    });
    const keys = texts.flatMap((text) => text.split("\n")).filter((line) => line.trim() !== "");
    const sudo = mayBecomeRoot(join(root, "etc/sudoers.d"), state, name);
    return { keys, uid: account.uid, gid: account.gid, sudo };
  };
  return new Proxy({}, { get: (_, name) => (typeof name === "string" ? of(name) : undefined) });
}

/** What puts something on the disk, whatever it is given; others say so themselves. */
const TAKE_ROOM = ["ln", "useradd", "usermod", "gpasswd", "apt-get", "/usr/lib/apt/apt-helper"];

/** What lies in memory has room. */
const isThere = (files: LabHost["files"], path: string): Promise<boolean> =>
  path.startsWith("/run/")
    ? Promise.resolve(true)
    : files.status(path, true).then(
        () => true,
        () => false,
      );

async function takesRoom([name = "", ...args]: readonly string[], files: LabHost["files"]): Promise<boolean> {
  return TAKE_ROOM.includes(name) || (name === "mkdir" && !(await isThere(files, args.at(-1) ?? "")));
}

export async function startGuest(options: GuestOptions): Promise<LabGuest> {
  const root = join(options.dir, "root");
  const record = join(options.dir, "guest.json");
  mkdirSync(root, { recursive: true });
  const state = stored(record) ?? install(options, root);
  // One that was set up by an earlier lab has them all the same.
  for (const [name, unit] of Object.entries(freshUnits())) state.units[name] ??= unit;
  const save = (): void => {
    writeFileSync(`${record}.tmp`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${record}.tmp`, record);
  };
  save();

  const moments = new Moments();
  const befall = (blow: Blow | undefined): void => {
    if (blow === "full disk") moments.full = true;
    if (blow === "reboot") reboot(state, root);
    if (blow === "gone") moments.gone = true;
    if (blow === undefined || blow === "full disk") return;
    host.cut();
    if (blow !== "cut") throw new Stopped();
  };
  const moment = async (what: string): Promise<void> => {
    befall(await moments.next(what));
  };

  const runOn = async (
    from: Pick<Context, "files" | "moment" | "full">,
    args: readonly string[],
    stdin: string,
  ): Promise<Result> => {
    const context: Context = { ...from, guest: state, stdin, run: (inner, more = "") => runOn(from, inner, more) };
    const [name = "", ...rest] = args;
    if (from.full() && (await takesRoom(args, from.files))) return refused(`${name}: No space left on device`);
    const result = await PROGRAMS[name]?.(rest, context);
    return result ?? { exitCode: 127, stdout: "", stderr: `the lab's guest has no such command: ${args.join(" ")}\n` };
  };

  const written: CommandHandler = async (command) => {
    const ids = {
      ...Object.fromEntries(Object.entries(state.groups).map(([name, { gid }]) => [name, gid])),
      ...Object.fromEntries(Object.entries(state.accounts).map(([name, { uid }]) => [name, uid])),
    };
    // `evan:` is evan and the group that is evan's.
    const args = command.args.map((arg) => {
      const account = arg.endsWith(":") ? state.accounts[arg.slice(0, -1)] : undefined;
      return account === undefined ? arg : `${account.uid}:${account.gid}`;
    });
    const [, , , what = "", path = ""] = args;
    if (what === "write" || what === "directory") {
      await moment(`${what} ${path}`);
      if (moments.full && !(what === "directory" && (await isThere(command.files, path))))
        return { exitCode: 1, stderr: `${what}: ${path}: No space left on device\n` };
    }
    return fileCommands(ids)({ ...command, args });
  };
  const table: CommandHandler = async ({ args, stdin, files, user }) => {
    if (user.uid !== 0) return { exitCode: 1, stderr: `${args[0] ?? ""}: the lab's guest does this for root only\n` };
    // A script alone is a look, and nothing befalls who only looks.
    const looks = args.join() === "sh";
    const from = {
      files,
      moment: looks ? () => Promise.resolve() : moment,
      full: () => moments.full,
    };
    // Of a script each line is a moment.
    if (!["sh", "flock", "true"].includes(args[0] ?? "") || args[1] === "-c") await moment(args.join(" "));
    const result = await runOn(from, args, stdin.toString("utf8"));
    save();
    return result.exitCode === 127 && result.stderr.includes("has no such command") ? undefined : result;
  };
  const inTime =
    (handler: CommandHandler): CommandHandler =>
    async (command) => {
      try {
        return await handler(command);
      } catch (error) {
        // Nobody hears this: the connection is gone.
        if (error instanceof Stopped) return { exitCode: 255 };
        if (error instanceof Hung) return new Promise(() => undefined);
        throw error;
      }
    };
  const commands = [inTime(written), inTime(table)];
  const { port, hostKey, latencyMs, isUp = () => true } = options;
  const users = usersOf(state, root, () => isUp() && !moments.gone);
  const host = await startHost({ root, port, hostKey, latencyMs, users, commands });
  // A getter of the host's would be copied as its value.
  return Object.create(host, {
    state: { value: state },
    moments: { value: moments },
    by: {
      value: async (hand: readonly string[], stdin = "") => {
        const result = await runOn(
          { files: host.files, moment: () => Promise.resolve(), full: () => false },
          hand,
          stdin,
        );
        save();
        return result;
      },
    },
  }) as LabGuest;
}
