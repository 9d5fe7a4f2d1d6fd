/**
 * What stands in for a shell: scripts of one command a line as the provider writes them, and the programs that run another
 * one. Anything else for a shell is refused.
 */
import { LEADS, LINK, PRUNE } from "../../providers/compose/deploy";
import { FOREIGN, FORMER } from "../../providers/compose/former";
import { LEAK_SCRIPT } from "../../providers/compose/leaks";
import { WAITING } from "../../providers/guest/apt";
import { PROLOGUE } from "../../providers/guest/bulk";
import { KEY_FILES } from "../../providers/guest/keyFiles";
import { EMPTY_GONE } from "../../providers/guest/kinds/directory";
import { RENEW } from "../../providers/guest/kinds/nfsMount";
import { REMOVAL } from "../../providers/guest/units";
import { words } from "../ssh/words";
import { leaksOf } from "./commands/firewall";
import { keyFilesOf } from "./commands/keyFiles";
import { Hung, lines, refused, said, type Context, type Program, type Result } from "./program";

/** `m` of the provider's scripts: frames each command's answer, and may end the script. */
const FRAME = /^m\(\) \{ printf '\\n(\S+) %s\\n' "\$1"; printf '\\n\S+\\n' >&2;( \[ "\$1" -eq 0 \] \|\| exit 0;)? \}$/;
const LINE = /^([\s\S]*) <\/dev\/null; m \$\?$/;

/** One command may go over several lines: each ends with its frame. */
function commandsOf(body: string): string[] {
  return body
    .split(/(?<=<\/dev\/null; m \$\?)\n/)
    .filter((line) => line !== "")
    .map((line) => LINE.exec(line)?.[1] ?? "");
}

async function framed(script: string, context: Context): Promise<Result | undefined> {
  const [first, frame = "", start, ...rest] = script.split("\n");
  const [, mark, stops] = FRAME.exec(frame) ?? [];
  if (first !== PROLOGUE || mark === undefined || start !== "m 0") return undefined;
  let [stdout, stderr] = [`\n${mark} 0\n`, `\n${mark}\n`];
  for (const line of commandsOf(rest.join("\n"))) {
    const args = words(line);
    await context.moment(line);
    const result = args === undefined ? refused(`the guest runs no shell: ${line}`, 127) : await context.run(args);
    stdout += `${result.stdout}\n${mark} ${result.exitCode}\n`;
    stderr += `${result.stderr}\n${mark}\n`;
    if (stops !== undefined && result.exitCode !== 0) break;
  }
  return { exitCode: 0, stdout, stderr };
}

/** Old releases: the newest of those that aren't in use stay. */
const prune: (args: readonly string[], context: Context) => Promise<Result> = async (
  [, directory = "", id = ""],
  { guest, run },
) => {
  const kept = Number(/tail -n \+(\d+) /.exec(PRUNE)?.[1]) - 1;
  const good = (await run(["readlink", "--", `${directory}/good`])).stdout.trim().split("/").at(-1);
  const listed = await run(["ls", "-1t", "--", `${directory}/releases`]);
  const all = listed.stdout
    .split("\n")
    .filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== id && name !== good)
    .slice(kept);
  for (const old of all)
    if (!guest.containers.some(({ release, status }) => release === old && status === "running"))
      await run(["rm", "-rf", "--", `${directory}/releases/${old}`]);
  return said();
};

/** The provider's own scripts, by their text. */
const ONE_LINERS: Readonly<Record<string, (args: readonly string[], context: Context) => Promise<Result>>> = {
  // It was through before the guest was there to be asked.
  "! command -v cloud-init >/dev/null || cloud-init status --wait >/dev/null || true": () => Promise.resolve(said()),
  [KEY_FILES]: ([, user = "", connection = ""], context) => keyFilesOf(user, connection, context),
  "getent shadow | cut -d: -f1,8": (_, { guest }) =>
    Promise.resolve(
      said(lines(Object.entries(guest.accounts).map(([name, { expired }]) => `${name}:${expired ? "1" : ""}`))),
    ),
  'while umount -l -- "$1" 2>/dev/null; do :; done; ls -A -- "$1" 2>/dev/null | head -n 5': async (
    [, target = ""],
    { run },
  ) => {
    const listed = await run(["ls", "-A", "--", target]);
    return said(listed.exitCode === 0 ? listed.stdout.split("\n").slice(0, 5).join("\n") : "");
  },
  '[ "$(stat -f -c %T -- "$1/.")" = nfs ]': async ([, target = ""], { run }) => {
    const { stdout } = await run(["stat", "-f", "-c", "%T", "--", `${target}/.`]);
    return stdout.trim() === "nfs" ? said() : refused("", 1);
  },
  'case "$(dockerd --help 2>&1)" in *--validate*) exec dockerd --validate --config-file="$1" ;; esac': (
    [, path = ""],
    { guest, run },
  ) => (guest.daemon.validates ? run(["dockerd", "--validate", `--config-file=${path}`]) : Promise.resolve(said())),
  [RENEW]: async ([, automount = "", mount = ""], { run }) => {
    const stopped = await run(["systemctl", "stop", "--", automount, mount]);
    const started = await run(["systemctl", "start", "--", automount]);
    return started.exitCode === 0 ? stopped : started;
  },
  [REMOVAL]: async ([, name = "", path = ""], { run }) => {
    if ((await run(["test", "-e", path])).exitCode === 0) {
      const disabled = await run(["systemctl", "disable", "--now", "--", name]);
      if (disabled.exitCode !== 0) return disabled;
      await run(["rm", "-f", "--", path]);
    }
    return run(["systemctl", "daemon-reload"]);
  },
  [EMPTY_GONE]: async ([, path = ""], { run }) =>
    (await run(["test", "-e", path])).exitCode === 0 ? run(["rmdir", "--", path]) : said(),
  [LINK]: async ([, to = "", path = ""], { moment, run }) => {
    if ((await run(["readlink", "--", path])).stdout.trim() === to) return said();
    const made = await run(["ln", "-sfn", "--", to, `${path}.infinity-new`]);
    if (made.exitCode !== 0) return made;
    await moment(`mv ${path}.infinity-new ${path}`);
    return run(["mv", "-fT", "--", `${path}.infinity-new`, path]);
  },
  [LEADS]: async ([, link = "", to = ""], { run }) =>
    (await run(["readlink", "--", link])).stdout.trim() === to ? said() : refused("", 1),
  [FOREIGN]: async ([, folder = "", link = ""], { run }) => {
    if ((await run(["test", "-e", link])).exitCode === 0) return said();
    return (await run(["test", "-d", folder])).exitCode === 0 ? run(["ln", "-sfn", "--", folder, link]) : said();
  },
  [FORMER]: async ([, directory = ""], { run }) => {
    const good = await run(["readlink", "--", `${directory}/good`]);
    if (good.exitCode === 0) return said(`${good.stdout.trim().split("/").at(-1) ?? ""}\n`);
    const before = `${directory}/releases/before`;
    if ((await run(["test", "-d", before])).exitCode !== 0) return said();
    const led = await run(["readlink", "--", before]);
    return led.exitCode === 0 ? led : said("before\n");
  },
  [PRUNE]: prune,
  [LEAK_SCRIPT]: ([, ...args], context) => leaksOf(args, context),
  'nft -f "$1" && exec nft --stateless list table inet "$2"': ([, path = ""], { run }) =>
    run(["nft", "--lab-read", path]),
  '! nft list table inet "$1" >/dev/null 2>&1 || nft delete table inet "$1"': ([, table = ""], { guest }) => {
    if (guest.tables)
      guest.tables = Object.fromEntries(Object.entries(guest.tables).filter(([name]) => name !== table));
    return Promise.resolve(said());
  },
  [WAITING]: ([, , ...command], { run }) => run(command),
  'until [ "$(docker info --format "{{.LiveRestoreEnabled}}")" = "$1" ]; do sleep 0.2; done': ([, wanted], { guest }) =>
    Promise.resolve(String(guest.daemon.liveRestore) === wanted ? said() : refused("", 124)),
};

const sh: Program = async (args, context) => {
  if (args.length === 0) return framed(context.stdin, context);
  const [option, text = "", ...rest] = args;
  if (option !== "-c") return undefined;
  return ONE_LINERS[text]?.(rest, context);
};

/** One deployment at a time: who waits gets its turn, or its time is over. */
const held = new Map<object, Map<string, Promise<unknown>>>();

const flock: Program = async ([w, , e, code, lock = "", ...command], { guest, run, stdin }) => {
  if (w !== "-w" || e !== "-E" || code === undefined) return undefined;
  const locks = held.get(guest) ?? new Map<string, Promise<unknown>>();
  held.set(guest, locks);
  const before = locks.get(lock) ?? Promise.resolve();
  const mine = before.then(() => run(command, stdin));
  locks.set(
    lock,
    mine.catch(() => undefined),
  );
  return mine;
};

const env: Program = (args, { run, stdin }) => {
  // Of the programs here only Compose asks where it is.
  if (args[0] === "-C" && args[2] === "docker")
    return run(["docker", "compose", "--lab-cwd", args[1] ?? "", ...args.slice(4)], stdin);
  const first = args.findIndex((arg) => !/^[A-Z_]+=/.test(arg));
  return first < 0 ? undefined : run(args.slice(first), stdin);
};

/** What hangs is ended at once: nobody here waits for its time to be over. */
const timeout: Program = async (args, { run, stdin }) => {
  const kills = args[0] === "-s";
  try {
    return await run(args.slice(kills || args[0] === "-k" ? 3 : 1), stdin);
  } catch (error) {
    if (error instanceof Hung) return { exitCode: kills ? 137 : 124, stdout: "", stderr: "" };
    throw error;
  }
};

export const shellPrograms: Readonly<Record<string, Program>> = {
  sh,
  flock,
  env,
  timeout,
  unshare: (args, { run }) => (args[0] === "-m" || args[0] === "--net" ? run(args.slice(1)) : undefined),
  true: () => said(),
  printf: ([format, text = ""]) => (format === "%s" ? said(text) : undefined),
};
