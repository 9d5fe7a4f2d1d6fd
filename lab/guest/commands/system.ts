/** Packages, units and settings of a simulated guest. */
import { writeFile } from "node:fs/promises";
import { sshd } from "./sshd";
import { setting, textOf } from "./unitFiles";
import { rejoin } from "../rejoin";
import { lines, operands, refused, said, type Context, type Program, type Result } from "../program";

const dpkgQuery: Program = (args, { guest }) => {
  if (args[0] !== "-W" || args[1] !== "-f") return undefined;
  const half = (guest.half ?? []).map((name) => `iU \t${name}\t`);
  return said(lines([...guest.packages.map((name) => `ii \t${name}\t`), ...half]));
};

/** What a package brings with it. */
const DOCKER = ["docker.service", "docker.socket", "containerd.service"];
const UNITS: Readonly<Record<string, readonly string[]>> = { "docker.io": DOCKER, "docker-ce": DOCKER };

/** What no Debian has itself: it takes the source of this name. */
const SOURCES: Readonly<Record<string, string>> = { "docker-ce": "docker" };

async function hasSource(name: string, { run }: Context): Promise<boolean> {
  const { stdout } = await run(["cat", "--", `/etc/apt/sources.list.d/${name}.sources`]);
  const key = setting(stdout.replaceAll(": ", "="), "Signed-By");
  return key !== "" && (await run(["test", "-e", key])).exitCode === 0;
}

/** Gets a file as apt does. */
const aptHelper: Program = async (args, { guest, files, run }) => {
  const [quiet, verb, uri = "", path = ""] = args;
  if (quiet !== "-q" || verb !== "download-file") return undefined;
  const text = guest.downloads?.[uri];
  if (text === undefined) return refused(`E: Failed to fetch ${uri}  Could not resolve host`, 100);
  await run(["touch", path]);
  await writeFile(await files.real(path, true), text);
  await files.own(path, { mode: 0o600, uid: 0, gid: 0 });
  return said();
};

const aptGet: Program = async (args, context) => {
  const { guest } = context;
  if (args.includes("update")) return said();
  const at = args.indexOf("--");
  if (!args.includes("install") || at < 0) return undefined;
  const names = args.slice(at + 1);
  const unknown = names.find((name) => name.startsWith("no-such-"));
  if (unknown !== undefined) return refused(`E: Unable to locate package ${unknown}`, 100);
  for (const name of names)
    if (SOURCES[name] !== undefined && !(await hasSource(SOURCES[name], context)))
      return refused(`E: Package '${name}' has no installation candidate`, 100);
  if ((guest.half ?? []).length > 0)
    return refused("E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.", 100);
  guest.half = names.filter((name) => !guest.packages.includes(name));
  await context.moment(`set up ${names.join(" ")}`);
  configure(guest);
  return said();
};

/** What was unpacked is installed now. */
function configure(guest: Context["guest"]): void {
  const names = guest.half ?? [];
  guest.half = [];
  guest.packages = [...new Set([...guest.packages, ...names])].sort();
  for (const name of names) {
    const units = UNITS[name] ?? [];
    for (const unit of units) guest.units[unit] ??= { enabled: true, active: true, stale: false };
    if (units.length > 0 && !("docker" in guest.groups)) guest.groups.docker = { gid: 998, members: [] };
  }
}

const dpkg: Program = (args, { guest }) => {
  if (args.includes("--configure")) configure(guest);
  return said(args[0] === "--print-architecture" ? "amd64\n" : "");
};

const aptConfig: Program = async ([what], { run }) => {
  if (what !== "dump") return undefined;
  const listed = await run(["ls", "-A", "--", "/etc/apt/apt.conf.d"]);
  const names = listed.stdout.split("\n").filter((name) => name !== "" && !name.startsWith("."));
  const texts = await Promise.all(names.sort().map((name) => run(["cat", "--", `/etc/apt/apt.conf.d/${name}`])));
  return said(texts.map(({ stdout }) => stdout.replace(/^\/\/.*\n/gm, "")).join(""));
};

const startedBy = (name: string, text: string): string => setting(text, "Unit") || name.replace(/\.\w+$/, ".service");

const isKnown = async (name: string, context: Context): Promise<boolean> =>
  context.guest.units[name] !== undefined || (await textOf(context, name)) !== undefined;

async function started(name: string, context: Context): Promise<Result> {
  const { guest } = context;
  const text = await textOf(context, name);
  if (text === undefined && guest.units[name] === undefined)
    return refused(`Failed to start ${name}: Unit ${name} not found.`, 5);
  if (guest.units[name]?.masked === true) return refused(`Failed to start ${name}: Unit ${name} is masked.`);
  if (name.endsWith(".timer") && text !== undefined && !(await isKnown(startedBy(name, text), context)))
    return refused(`Failed to start ${name}: Unit ${startedBy(name, text)} not found.`, 5);
  if (name.endsWith(".automount") && text !== undefined) {
    const target = setting(text, "Where");
    if (guest.mounts.some((mount) => mount.target === target))
      return refused(`Job for ${name} failed: ${target} is already a mount point, refusing start.`);
    guest.mounts.push({ target, type: "autofs", source: "systemd-1", options: "rw,relatime" });
  }
  const unit = (guest.units[name] ??= { enabled: false, active: false, stale: false });
  unit.active = true;
  rejoin(guest);
  return said();
}

/** `mnt-my\\x2dnas.mount` is /mnt/my-nas. */
const unescapePath = (name: string): string =>
  `/${name
    .replace(/\.mount$/, "")
    .replaceAll("-", "/")
    .replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))}`;

async function stopped(name: string, context: Context): Promise<Result> {
  const { guest } = context;
  const unit = guest.units[name];
  const text = await textOf(context, name);
  const target = name.endsWith(".mount") ? unescapePath(name) : undefined;
  if (unit === undefined && text === undefined && !guest.mounts.some((mount) => mount.target === target))
    return refused(`Failed to stop ${name}: Unit ${name} not loaded.`, 5);
  if (unit) unit.active = false;
  if (text === undefined && target !== undefined)
    guest.mounts = guest.mounts.filter((mount) => mount.target !== target);
  if (text === undefined || !/\.(auto)?mount$/.test(name)) return said();
  const where = setting(text, "Where");
  guest.mounts = guest.mounts.filter((mount) => mount.target !== where);
  return said();
}

async function show(name: string, context: Context): Promise<Result> {
  const { guest } = context;
  const unit = guest.units[name];
  const text = await textOf(context, name);
  const known = unit !== undefined || text !== undefined;
  const states = !known
    ? ""
    : unit?.masked === true
      ? "masked"
      : unit?.enabled
        ? "enabled"
        : text !== undefined && !/^\[Install\]/m.test(text)
          ? "static"
          : "disabled";
  return said(
    lines([
      `LoadState=${!known ? "not-found" : unit?.masked === true ? "masked" : "loaded"}`,
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
    case "unmask":
      for (const name of names) Reflect.deleteProperty(guest.units[name] ?? {}, "masked");
      return said();
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
        if (verb === "enable" && unit.masked === true)
          return refused(`Failed to enable unit: Unit file ${name} is masked.`);
        unit.enabled = verb === "enable";
        if (!now) return said();
        return verb === "disable" ? stopped(name, context) : started(name, context);
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

export const systemPrograms: Readonly<Record<string, Program>> = {
  "dpkg-query": dpkgQuery,
  dpkg,
  "/usr/lib/apt/apt-helper": aptHelper,
  "apt-get": aptGet,
  "apt-config": aptConfig,
  systemctl,
  "/usr/sbin/sshd": sshd,
};
