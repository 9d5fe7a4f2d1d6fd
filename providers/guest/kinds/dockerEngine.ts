/**
 * Docker's daemon on a guest: logs that end somewhere, containers that outlive a restart of the daemon, and that come up
 * with the guest. Other settings of its daemon.json stay. The engine itself comes with a set of packages.
 */
import { z } from "zod";
import { canonical } from "../../canonical";
import { onGuest, type OnGuest } from "../guest";
import { soon, type Command } from "../bulk";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { reloadDue, withReload } from "../reload";
import { readText, seenText } from "../seenFile";
import { run, write, type Step } from "../step";
import { shown, startsAtBoot } from "../units";

export interface DockerEngineSpec extends OnGuest {
  /** Containers go on while the daemon is restarted or upgraded. In place. @default true */
  readonly liveRestore?: boolean;
  /** Size at which a container's log is begun anew: `10m`. Containers made from then on. @default 10m */
  readonly logSize?: string;
  /** Logs that are kept of a container. Containers made from then on. @default 3 */
  readonly logFiles?: number;
  /** Set by `check`, false where the daemon hasn't taken it up: no need to give it. */
  readonly loaded?: boolean;
  /** Set by `check`, false where the daemon doesn't start with the guest: no need to give it. */
  readonly atBoot?: boolean;
}

type Settings = Readonly<Record<string, unknown>>;

interface Seen {
  /** daemon.json as it is; `undefined` where there is none. */
  readonly text?: string;
  /** What it says; empty where there is none. */
  readonly settings: Settings;
  /** As the daemon itself has it; `undefined` where it doesn't run. */
  readonly liveRestore?: boolean;
  readonly logDriver?: string;
  /** Whether there is a docker command: Debian 13's engine comes without. */
  readonly command: boolean;
  readonly due: boolean;
  /** States of its units' files by name: `enabled`, `masked`; `undefined` where there is no such unit. */
  readonly units: Readonly<Record<string, string | undefined>>;
}

const FOLDER = "/etc/docker";
const PATH = `${FOLDER}/daemon.json`;
const NEXT = `${PATH}.infinity-new`;

const schema: z.ZodType<DockerEngineSpec> = z.strictObject({
  ...onGuest,
  liveRestore: z.boolean().optional(),
  logSize: z
    .string()
    .regex(/^[1-9]\d*[kmg]$/, { error: "a size as Docker writes it - write 10m" })
    .optional(),
  logFiles: z.int().min(1).optional(),
  loaded: z.boolean().optional(),
  atBoot: z.boolean().optional(),
});

function parsed(text: string | undefined): Settings {
  if (text === undefined || text.trim() === "") return {};
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    throw new Error(`${PATH} is no JSON object: the daemon wouldn't start either - correct it on the guest`);
  }
}

function wantedSettings(settings: Settings, { liveRestore, logSize, logFiles }: DockerEngineSpec): Settings {
  const options = (settings["log-opts"] ?? {}) as Settings;
  return canonical({
    ...settings,
    "live-restore": liveRestore,
    "log-driver": "json-file",
    "log-opts": { ...options, "max-size": logSize, "max-file": String(logFiles) },
  });
}

/** Of a shell, and of timeout, where there is no such program. */
const NO_COMMAND = 127;

const SERVICE = "docker.service";
/** What the service pulls in: it fails where one of them is masked. */
const UNITS = [SERVICE, "docker.socket", "containerd.service"] as const;

const masked = ({ units }: Seen): string[] => UNITS.filter((name) => units[name]?.startsWith("masked") === true);

/** The socket alone would start the daemon for who asks it, and no container before. */
const bootsWithGuest = (seen: Seen): boolean => startsAtBoot(seen.units[SERVICE]) && masked(seen).length === 0;

function bootSteps(seen: Seen): Step[] {
  const hidden = masked(seen);
  return [
    ...(hidden.length > 0 ? [run("systemctl", "unmask", "--", ...hidden)] : []),
    ...(bootsWithGuest(seen) ? [] : [run("systemctl", "enable", "--", SERVICE)]),
  ];
}

/** Docker 23 and newer try a file without taking it up; Debian 12's 20.10 can't. */
const TRIED = 'case "$(dockerd --help 2>&1)" in *--validate*) exec dockerd --validate --config-file="$1" ;; esac';

/** A reload returns before the daemon is through with it; a restart before that would stop the containers. */
const TAKEN_UP = 'until [ "$(docker info --format "{{.LiveRestoreEnabled}}")" = "$1" ]; do sleep 0.2; done';

export const dockerEngineKind: Kind<DockerEngineSpec, Seen> = {
  noun: "Docker Engine",
  schema,
  identity: [],
  canonical: ({ liveRestore = true, logSize = "10m", logFiles = 3, ...rest }) => ({
    ...rest,
    ...{ liveRestore, logSize, logFiles },
    ...{ loaded: true, atBoot: true },
  }),
  name: () => "docker",
  look: () => [
    readText(PATH),
    // A daemon that hangs is one that doesn't answer, and nobody else's look waits for it.
    soon("docker", "info", "--format", "{{.LiveRestoreEnabled}} {{.LoggingDriver}}"),
    reloadDue(PATH),
    ...UNITS.map((name): Command => ["systemctl", "show", "--property=LoadState,UnitFileState", "--", name]),
  ],
  see: ([text, info, due, ...units]) => {
    const [live, logDriver] = info?.exitCode === 0 ? info.stdout.trim().split(" ") : [];
    const content = seenText(PATH, text);
    return {
      text: content,
      settings: parsed(content),
      liveRestore: live === undefined ? undefined : live === "true",
      logDriver,
      command: info?.exitCode !== NO_COMMAND,
      due: due?.exitCode === 0,
      units: Object.fromEntries(
        UNITS.map((name, index) => {
          const { LoadState, UnitFileState } = shown(units[index]);
          return [name, LoadState === "not-found" ? undefined : UnitFileState];
        }),
      ),
    };
  },
  live: (seen, inputs) => {
    const { settings, liveRestore, logDriver, due } = seen;
    const options = (settings["log-opts"] ?? {}) as Settings;
    const size = options["max-size"];
    return {
      ...inputs,
      liveRestore: settings["live-restore"] === true,
      logSize: typeof size === "string" ? size : "none",
      logFiles: Number(options["max-file"] ?? 1),
      loaded: !due && liveRestore === inputs.liveRestore && logDriver === "json-file",
      atBoot: inputs.atBoot && bootsWithGuest(seen),
    };
  },
  steps: (seen, wanted) => {
    if (seen.units[SERVICE] === undefined)
      throw new Error("there is no Docker on the guest - name its packages (docker.packages), or install it there");
    if (!seen.command)
      throw new Error(
        "Docker's engine is on the guest, and no docker command: Debian 13 has it in a package of its own - " +
          "add docker-cli to docker.packages, or install it there",
      );
    const { liveRestore = true } = wanted;
    const boot = bootSteps(seen);
    const content = wantedSettings(seen.settings, wanted);
    const changed = JSON.stringify(canonical(seen.settings)) !== JSON.stringify(content);
    const loaded = !seen.due && seen.liveRestore === liveRestore && seen.logDriver === "json-file";
    if (!changed && loaded) return boot;
    const tried = [
      run("mkdir", "-p", FOLDER),
      write(NEXT, `${JSON.stringify(content, undefined, 2)}\n`),
      run("sh", "-c", TRIED, "sh", NEXT),
    ];
    // Logs are set at the daemon's start only. Live restore is taken up before, so that no container is stopped by it.
    const running = seen.liveRestore !== undefined;
    const restart = [
      ...(running && liveRestore
        ? [run("systemctl", "reload", "docker"), run("timeout", "60", "sh", "-c", TAKEN_UP, "sh", "true")]
        : []),
      run("systemctl", "restart", "docker"),
    ];
    if (!changed) return [...boot, ...withReload(PATH, [], restart)];
    // A daemon that doesn't start takes every service with it: it comes up again with what it had.
    const back: Step[] = [
      seen.text === undefined ? run("rm", "-f", PATH) : write(PATH, seen.text),
      ...(running ? [run("systemctl", "reset-failed", "docker"), run("systemctl", "restart", "docker")] : []),
    ];
    return [
      ...boot,
      { kind: "guarded", steps: tried, undo: [run("rm", "-f", NEXT)] },
      { kind: "guarded", steps: withReload(PATH, [run("mv", "-fT", NEXT, PATH)], restart), undo: back },
    ];
  },
};

export const lifecycle = guestLifecycle(dockerEngineKind);
