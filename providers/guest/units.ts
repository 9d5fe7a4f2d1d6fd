/** systemd units: their names from paths, what `systemctl show` says of them, and the steps that change one. Pure. */
import type { Answer, Command } from "./bulk";
import { reloadDue, withReload } from "./reload";
import { readText, seenText } from "./seenFile";
import { run, write, type Step } from "./step";

const FOLDER = "/etc/systemd/system";

export const unitPath = (name: string): string => `${FOLDER}/${name}`;

/** `systemd-escape --path`: `/mnt/my-nas` is `mnt-my\x2dnas`. */
export function escapePath(path: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  if (trimmed === "") return "-";
  const escaped = [...Buffer.from(trimmed)].map((byte, index) => {
    const character = String.fromCharCode(byte);
    if (character === "/") return "-";
    if (/[A-Za-z0-9:_]/.test(character) || (character === "." && index > 0)) return character;
    return `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return escaped.join("");
}

export interface SeenUnit {
  /** `undefined`: there is no such file. */
  readonly text?: string;
  /** Starts at boot, or is taken along by one that does. */
  readonly enabled: boolean;
  /** `active`, `inactive`, `failed`, `activating` ... */
  readonly active: string;
  /** systemd hasn't read the file that is there, or the unit runs by its former text. */
  readonly due: boolean;
}

/** What `systemctl show` says, a line each: `ActiveState=active`. @throws Error where it doesn't answer */
export function shown(answer: Answer | undefined): Readonly<Record<string, string>> {
  if (answer?.exitCode !== 0) throw new Error(`systemctl doesn't answer: ${answer?.stderr ?? ""}`);
  return Object.fromEntries(
    answer.stdout.split("\n").flatMap((line) => {
      const [, name = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return name === "" ? [] : [[name, value] as const];
    }),
  );
}

/** Whether it starts with the guest: on its own, or taken along by a unit that does. */
export const startsAtBoot = (state = ""): boolean => ["enabled", "static", "alias", "indirect"].includes(state);

const PROPERTIES = "ActiveState,UnitFileState,NeedDaemonReload";

export const lookAtUnit = (name: string): readonly [Command, Command, Command] => [
  readText(unitPath(name)),
  ["systemctl", "show", `--property=${PROPERTIES}`, "--", name],
  reloadDue(unitPath(name)),
];

export function seenUnit(name: string, [text, show, due]: readonly (Answer | undefined)[]): SeenUnit {
  const { ActiveState = "inactive", UnitFileState, NeedDaemonReload = "no" } = shown(show);
  return {
    text: seenText(unitPath(name), text),
    enabled: startsAtBoot(UnitFileState),
    active: ActiveState,
    due: NeedDaemonReload === "yes" || due?.exitCode === 0,
  };
}

export interface WantedUnit {
  readonly name: string;
  readonly content: string;
  readonly enabled: boolean;
  readonly active: boolean;
}

export function unitSteps(seen: SeenUnit, { name, content, enabled, active }: WantedUnit): Step[] {
  const path = unitPath(name);
  const changed = seen.text !== content;
  const running = seen.active === "active" || seen.active === "activating";
  const taken = [
    run("systemctl", "daemon-reload"),
    ...(active && running ? [run("systemctl", "restart", "--", name)] : []),
  ];
  return [
    ...(changed || seen.due ? withReload(path, changed ? [write(path, content)] : [], taken) : []),
    ...(enabled === seen.enabled ? [] : [run("systemctl", enabled ? "enable" : "disable", "--", name)]),
    ...(active && !running ? [run("systemctl", "start", "--", name)] : []),
    ...(!active && running ? [run("systemctl", "stop", "--", name)] : []),
  ];
}

/** systemd refuses to disable a unit whose file is gone: whoever was killed after that has it done. */
export const REMOVAL = `if [ -e "$2" ]; then systemctl disable --now -- "$1" && rm -f -- "$2" || exit; fi
exec systemctl daemon-reload`;

/** Stops it and takes its file away. */
export const unitRemoval = (name: string): Step => run("sh", "-c", REMOVAL, "sh", name, unitPath(name));
