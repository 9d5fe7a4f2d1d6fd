/**
 * Security updates of a guest by themselves (unattended-upgrades): daily or not, and when it may start anew for them. They
 * are installed daily where apt's settings say so and its timers run.
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
    "APT::Periodic::Update-Package-Lists": daily,
    "APT::Periodic::Unattended-Upgrade": daily,
    "Unattended-Upgrade::Automatic-Reboot": typeof reboot === "string" ? "true" : "false",
    ...(typeof reboot === "string" ? { "Unattended-Upgrade::Automatic-Reboot-Time": reboot } : {}),
  };
}

const text = (settings: Settings): string =>
  [
    "// Written by infinity-node: changes here are undone.",
    ...Object.entries(settings).map(([name, value]) => `${name} "${value}";`),
    "",
  ].join("\n");

/** `apt-config dump`: every setting in force, whichever file it is from. The last one of a name counts. */
function dumped(stdout: string): Settings {
  const lines = stdout.split("\n").map((line) => /^(\S+) "(.*)";$/.exec(line));
  return Object.fromEntries(lines.flatMap((match) => (match ? [[match[1] ?? "", match[2] ?? ""] as const] : [])));
}

const on = (value: string | undefined): boolean => value !== undefined && !["", "0", "false", "no"].includes(value);

export const upgradesKind: Kind<UnattendedUpgradesSpec, Seen> = {
  noun: "unattended upgrades",
  schema,
  identity: [],
  canonical: ({ enabled = true, reboot = false, ...rest }) => ({ ...rest, enabled, reboot }),
  name: () => "apt",
  look: () => [["apt-config", "dump"], ...TIMERS.map(lookAtTimer)],
  see: ([dump, ...timers]) => {
    if (dump?.exitCode !== 0) throw new Error(`apt-config doesn't answer: ${dump?.stderr ?? ""} - is it Debian?`);
    return { settings: dumped(dump.stdout), stopped: TIMERS.filter((_, index) => !runs(timers[index])) };
  },
  live: ({ settings, stopped }, inputs) => ({
    ...inputs,
    enabled:
      stopped.length === 0 &&
      on(settings["APT::Periodic::Unattended-Upgrade"]) &&
      on(settings["APT::Periodic::Update-Package-Lists"]),
    reboot:
      on(settings["Unattended-Upgrade::Automatic-Reboot"]) &&
      (settings["Unattended-Upgrade::Automatic-Reboot-Time"] ?? "now"),
  }),
  steps: ({ settings, stopped }, wanted) => {
    const asked = upgradeSettings(wanted);
    const right = Object.entries(asked).every(([name, value]) => settings[name] === value);
    // Switched off, apt's settings are enough: its timers find nothing to do.
    const timers = wanted.enabled === false ? [] : stopped;
    return [
      ...(right ? [] : [write(PATH, text(asked))]),
      ...(timers.length > 0
        ? [run("systemctl", "unmask", "--", ...timers), run("systemctl", "enable", "--now", "--", ...timers)]
        : []),
    ];
  },
};

export const lifecycle = guestLifecycle(upgradesKind);
