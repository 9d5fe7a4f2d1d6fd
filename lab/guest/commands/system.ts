/** Packages, units and settings of a simulated guest. */
import { lines, operands, refused, said, type Context, type Program, type Result } from "../program";

const dpkgQuery: Program = (args, { guest }) => {
  if (args[0] !== "-W" || args[1] !== "-f") return undefined;
  return said(lines(guest.packages.map((name) => `ii \t${name}\t`)));
};

/** What a package brings with it. */
const UNITS: Readonly<Record<string, string>> = { "docker.io": "docker.service", "docker-ce": "docker.service" };

const aptGet: Program = (args, { guest }) => {
  if (args.includes("update")) return said();
  const at = args.indexOf("--");
  if (!args.includes("install") || at < 0) return undefined;
  const names = args.slice(at + 1);
  const unknown = names.find((name) => name.startsWith("no-such-"));
  if (unknown !== undefined) return refused(`E: Unable to locate package ${unknown}`, 100);
  guest.packages = [...new Set([...guest.packages, ...names])].sort();
  for (const name of names) {
    const unit = UNITS[name];
    if (unit !== undefined) guest.units[unit] ??= { enabled: true, active: true, stale: false };
    if (unit !== undefined && !("docker" in guest.groups)) guest.groups.docker = { gid: 998, members: [] };
  }
  return said();
};

const aptConfig: Program = async ([what], { run }) => {
  if (what !== "dump") return undefined;
  const listed = await run(["ls", "-A", "--", "/etc/apt/apt.conf.d"]);
  const names = listed.stdout.split("\n").filter((name) => name !== "" && !name.startsWith("."));
  const texts = await Promise.all(names.sort().map((name) => run(["cat", "--", `/etc/apt/apt.conf.d/${name}`])));
  return said(texts.map(({ stdout }) => stdout.replace(/^\/\/.*\n/gm, "")).join(""));
};

const UNIT_FOLDER = "/etc/systemd/system";

async function textOf({ run }: Context, name: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run(["cat", "--", `${UNIT_FOLDER}/${name}`]);
  return exitCode === 0 ? stdout : undefined;
}

/** `mnt-nas.automount` as its text has it. */
const setting = (text: string, name: string): string =>
  new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1]?.replaceAll("%%", "%") ?? "";

async function started(name: string, context: Context): Promise<Result> {
  const { guest } = context;
  const text = await textOf(context, name);
  if (text === undefined && guest.units[name] === undefined)
    return refused(`Failed to start ${name}: Unit ${name} not found.`, 5);
  if (name.endsWith(".automount") && text !== undefined) {
    const target = setting(text, "Where");
    if (guest.mounts.some((mount) => mount.target === target))
      return refused(`Job for ${name} failed: ${target} is already a mount point, refusing start.`);
    guest.mounts.push({ target, type: "autofs", source: "systemd-1", options: "rw,relatime" });
  }
  const unit = (guest.units[name] ??= { enabled: false, active: false, stale: false });
  unit.active = true;
  return said();
}

async function stopped(name: string, context: Context): Promise<Result> {
  const { guest } = context;
  const unit = guest.units[name];
  if (unit) unit.active = false;
  const text = await textOf(context, name);
  if (text === undefined || !/\.(auto)?mount$/.test(name)) return said();
  const target = setting(text, "Where");
  guest.mounts = guest.mounts.filter((mount) => mount.target !== target);
  return said();
}

async function show(name: string, context: Context): Promise<Result> {
  const { guest } = context;
  const unit = guest.units[name];
  const text = await textOf(context, name);
  const known = unit !== undefined || text !== undefined;
  const states = !known
    ? ""
    : unit?.enabled
      ? "enabled"
      : text !== undefined && !/^\[Install\]/m.test(text)
        ? "static"
        : "disabled";
  return said(
    lines([
      `ActiveState=${unit?.active ? "active" : "inactive"}`,
      `UnitFileState=${states}`,
      `NeedDaemonReload=${unit?.stale ? "yes" : "no"}`,
    ]),
  );
}

const systemctl: Program = async ([verb = "", ...rest], context) => {
  const { guest } = context;
  const now = rest.includes("--now");
  const names = operands(rest)
    .filter((arg) => !arg.startsWith("-"))
    .map((name) => (name.includes(".") ? name : `${name}.service`));
  const all = async (act: (name: string) => Promise<Result>): Promise<Result> => {
    let result = said();
    for (const name of names) if (result.exitCode === 0) result = await act(name);
    return result;
  };
  switch (verb) {
    case "show":
      return all((name) => show(name, context));
    case "reset-failed":
      return said();
    case "daemon-reload":
      for (const unit of Object.values(guest.units)) unit.stale = false;
      return said();
    case "start":
      return all((name) => started(name, context));
    case "stop":
      return all((name) => stopped(name, context));
    case "restart":
    case "reload":
    case "reload-or-restart":
      if (names.includes("docker.service")) await readDaemon(context, verb === "restart");
      if (names.includes("remote-fs.target")) return said();
      return verb === "restart" && names.some((name) => name.endsWith("mount"))
        ? all(async (name) => {
            await stopped(name, context);
            return started(name, context);
          })
        : all((name) => started(name, context));
    case "enable":
    case "disable":
      return all(async (name) => {
        if ((await textOf(context, name)) === undefined && guest.units[name] === undefined)
          return refused(`Failed to ${verb} unit: Unit file ${name} does not exist.`);
        const unit = (guest.units[name] ??= { enabled: false, active: false, stale: false });
        unit.enabled = verb === "enable";
        return now && verb === "disable" ? stopped(name, context) : said();
      });
    default:
      return undefined;
  }
};

async function readDaemon({ guest, run }: Context, whole: boolean): Promise<void> {
  const { stdout } = await run(["cat", "--", "/etc/docker/daemon.json"]);
  const settings = JSON.parse(stdout.trim() === "" ? "{}" : stdout) as Record<string, unknown>;
  guest.daemon.liveRestore = settings["live-restore"] === true;
  if (whole) guest.daemon.logDriver = (settings["log-driver"] as string | undefined) ?? "json-file";
}

/** The first value of a name counts, as sshd has it; the folder before the rest of the file. */
async function sshSettings({ run }: Context): Promise<Record<string, string>> {
  const listed = await run(["ls", "-A", "--", "/etc/ssh/sshd_config.d"]);
  const names = listed.stdout.split("\n").filter((name) => name.endsWith(".conf") && !name.startsWith("."));
  const paths = [...names.sort().map((name) => `/etc/ssh/sshd_config.d/${name}`), "/etc/ssh/sshd_config"];
  const texts = await Promise.all(paths.map((path) => run(["cat", "--", path])));
  const found: Record<string, string> = {};
  for (const { stdout } of texts)
    for (const line of stdout.split("\n")) {
      const [name = "", ...words] = line.trim().split(/\s+/);
      if (name !== "" && !name.startsWith("#")) found[name.toLowerCase()] ??= words.join(" ");
    }
  return found;
}

const SSH_DEFAULTS = {
  passwordauthentication: "yes",
  kbdinteractiveauthentication: "yes",
  permitrootlogin: "prohibit-password",
};
const SSH_WORDS =
  /^(pubkeyauthentication|passwordauthentication|kbdinteractiveauthentication|permitemptypasswords|permitrootlogin|include|usepam|x11forwarding)$/;

const sshd: Program = async ([option, , file], context) => {
  const settings =
    file === undefined
      ? await sshSettings(context)
      : Object.fromEntries(
          (await context.run(["cat", "--", file])).stdout
            .split("\n")
            .filter((line) => line !== "" && !line.startsWith("#"))
            .map((line) => [(line.split(" ")[0] ?? "").toLowerCase(), line]),
        );
  const wrong = Object.keys(settings).find((name) => !SSH_WORDS.test(name));
  if (wrong !== undefined) return refused(`Bad configuration option: ${wrong}`, 255);
  if (option === "-t") return said();
  const all: Record<string, string> = { ...SSH_DEFAULTS, ...settings };
  return said(lines(Object.entries(all).map(([name, value]) => `${name} ${value}`)));
};

export const systemPrograms: Readonly<Record<string, Program>> = {
  "dpkg-query": dpkgQuery,
  dpkg: () => said(),
  "apt-get": aptGet,
  "apt-config": aptConfig,
  systemctl,
  "/usr/sbin/sshd": sshd,
};
