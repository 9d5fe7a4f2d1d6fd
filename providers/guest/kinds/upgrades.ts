/**
 * Security updates of a guest by themselves (unattended-upgrades): daily or not, and when it may start anew for them. They
 * are installed daily where apt's settings say so, name where security updates come from, and its timers run.
 */
import { z } from "zod";
import { onGuest, type OnGuest } from "../guest";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { run, write } from "../step";
import { shown, startsAtBoot } from "../units";
import type { Answer, Command } from "../bulk";

export interface UnattendedUpgradesSpec extends OnGuest {
  /** Whether they are installed daily. In place. @default true */
  readonly enabled?: boolean;
  /** Time of day at which it starts anew where an update asks for it, of the guest's clock; false: never. @default false */
  readonly reboot?: string | false;
}

type Settings = Readonly<Record<string, string>>;

interface Seen {
  readonly settings: Settings;
  /** What may be installed by itself: `origin=Debian,codename=${distro_codename},label=Debian-Security`. */
  readonly origins: readonly string[];
  /** Of apt's timers, those that don't run, or won't after a start. */
  readonly stopped: readonly string[];
}

/** The one gets the lists, the other installs. */
const TIMERS = ["apt-daily.timer", "apt-daily-upgrade.timer"] as const;

const lookAtTimer = (name: string): Command => [
  "systemctl",
  "show",
  "--property=ActiveState,UnitFileState",
  "--",
  name,
];

function runs(answer: Answer | undefined): boolean {
  const { ActiveState, UnitFileState } = shown(answer);
  return ActiveState === "active" && startsAtBoot(UnitFileState);
}

const PATH = "/etc/apt/apt.conf.d/52infinity-node";

const schema: z.ZodType<UnattendedUpgradesSpec> = z.strictObject({
  ...onGuest,
  enabled: z.boolean().optional(),
  reboot: z
    .union([z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/), z.literal(false)], {
      error: "a time of day, or false - write 04:30",
    })
    .optional(),
});

export function upgradeSettings({ enabled, reboot }: Pick<UnattendedUpgradesSpec, "enabled" | "reboot">): Settings {
  const daily = enabled === false ? "0" : "1";
  return {
    ...(enabled === false ? {} : { "APT::Periodic::Enable": "1" }),
    "APT::Periodic::Update-Package-Lists": daily,
    "APT::Periodic::Unattended-Upgrade": daily,
    "Unattended-Upgrade::Automatic-Reboot": typeof reboot === "string" ? "true" : "false",
    ...(typeof reboot === "string" ? { "Unattended-Upgrade::Automatic-Reboot-Time": reboot } : {}),
  };
}

/** What apt takes where no file says it. */
const DEFAULTS: Settings = { "APT::Periodic::Enable": "1" };

/** Where updates may come from: the two lists of which unattended-upgrades takes either. */
const ORIGINS = /^Unattended-Upgrade::(Origins-Pattern|Allowed-Origins)::$/;

/** Debian's and Ubuntu's security updates, as their own files have them; those of the other are nowhere to be found. */
const SECURITY = [
  "origin=Debian,codename=${distro_codename},label=Debian-Security",
  "origin=Debian,codename=${distro_codename}-security,label=Debian-Security",
  "origin=Ubuntu,archive=${distro_codename}-security",
];

const text = (settings: Settings, origins: readonly string[]): string =>
  [
    "// Written by infinity-node: changes here are undone.",
    ...Object.entries(settings).map(([name, value]) => `${name} "${value}";`),
    ...origins.map((origin) => `Unattended-Upgrade::Origins-Pattern:: "${origin}";`),
    "",
  ].join("\n");

type Pair = readonly [name: string, value: string];

/** `apt-config dump`: every setting in force, whichever file it is from; the name of a list's item ends with `::`. */
const dumped = (stdout: string): Pair[] =>
  stdout.split("\n").flatMap((line) => {
    const [, name = "", value = ""] = /^(\S+) "(.*)";$/.exec(line) ?? [];
    return name === "" ? [] : [[name, value] as const];
  });

const on = (value: string | undefined): boolean => value !== undefined && !["", "0", "false", "no"].includes(value);

const INTERVALS = ["APT::Periodic::Unattended-Upgrade", "APT::Periodic::Update-Package-Lists"];

/** Days, or with a unit; `always` is at each turn of the timers (apt.systemd.daily). */
const isDaily = (value: string | undefined): boolean => ["1", "1d", "24h", "always"].includes(value ?? "");

/** Switched on, they have to be so in every respect; switched off, in any. */
function isEnabled({ settings, origins, stopped }: Seen, wanted: boolean): boolean {
  if (!on(settings["APT::Periodic::Enable"])) return false;
  if (!wanted) return stopped.length === 0 && INTERVALS.every((name) => on(settings[name]));
  return stopped.length === 0 && hasSecurity(origins) && INTERVALS.every((name) => isDaily(settings[name]));
}

const hasSecurity = (origins: readonly string[]): boolean => origins.some((origin) => /security/i.test(origin));

export const upgradesKind: Kind<UnattendedUpgradesSpec, Seen> = {
  noun: "unattended upgrades",
  schema,
  identity: [],
  canonical: ({ enabled = true, reboot = false, ...rest }) => ({ ...rest, enabled, reboot }),
  name: () => "apt",
  look: () => [["apt-config", "dump"], ...TIMERS.map(lookAtTimer)],
  see: ([dump, ...timers]) => {
    if (dump?.exitCode !== 0) throw new Error(`apt-config doesn't answer: ${dump?.stderr ?? ""} - is it Debian?`);
    const pairs = dumped(dump.stdout);
    return {
      // The last one of a name counts.
      settings: { ...DEFAULTS, ...Object.fromEntries(pairs) },
      origins: pairs.filter(([name]) => ORIGINS.test(name)).map(([, value]) => value),
      stopped: TIMERS.filter((_, index) => !runs(timers[index])),
    };
  },
  live: (seen, inputs) => ({
    ...inputs,
    enabled: isEnabled(seen, inputs.enabled !== false),
    reboot:
      on(seen.settings["Unattended-Upgrade::Automatic-Reboot"]) &&
      (seen.settings["Unattended-Upgrade::Automatic-Reboot-Time"] ?? "now"),
  }),
  steps: ({ settings, origins, stopped }, wanted) => {
    const asked = upgradeSettings(wanted);
    const isOn = wanted.enabled !== false;
    const right =
      Object.entries(asked).every(([name, value]) => settings[name] === value) && (!isOn || hasSecurity(origins));
    // Switched off, apt's settings are enough: its timers find nothing to do.
    const timers = wanted.enabled === false ? [] : stopped;
    return [
      ...(right ? [] : [write(PATH, text(asked, isOn ? SECURITY : []))]),
      ...(timers.length > 0
        ? [run("systemctl", "unmask", "--", ...timers), run("systemctl", "enable", "--now", "--", ...timers)]
        : []),
    ];
  },
};

export const lifecycle = guestLifecycle(upgradesKind);
