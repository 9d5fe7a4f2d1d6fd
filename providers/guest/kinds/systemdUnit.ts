/** A systemd unit of our own on a guest: a service, timer or the like, with its text, and whether it starts and runs. */
import { z } from "zod";
import { onGuest, type OnGuest } from "../guest";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { lookAtUnit, seenUnit, shown, unitRemoval, unitSteps, type SeenUnit } from "../units";

export interface SystemdUnitSpec extends OnGuest {
  /** With its type: `backup.timer`. Another name is another unit. */
  readonly name: string;
  /** Its text, below /etc/systemd/system. In place; a unit that runs is restarted by it. */
  readonly content: string;
  /** Whether it starts at boot: takes an [Install] section. In place. @default where the text has one */
  readonly enabled?: boolean;
  /** Whether it runs. In place. @default as `enabled` */
  readonly active?: boolean;
  /** Set by `check`, false where systemd hasn't taken up the text yet: no need to give it. */
  readonly loaded?: boolean;
}

interface Seen extends SeenUnit {
  /** What it starts, where the guest hasn't got that. */
  readonly missing?: string;
}

/** What a timer or path unit starts: the service of its name, unless its text names another. */
function startedBy({ name, content }: Pick<SystemdUnitSpec, "name" | "content">): string | undefined {
  const [, stem = "", type] = /^(.*)\.(timer|path)$/.exec(name) ?? [];
  return type === undefined ? undefined : (/^Unit=(\S+)\s*$/m.exec(content)?.[1] ?? `${stem}.service`);
}

/** The section without which systemd takes no such unit; a target needs none. */
const SECTIONS: Readonly<Record<string, string>> = {
  ...{ service: "Service", timer: "Timer", socket: "Socket", path: "Path", mount: "Mount", automount: "Automount" },
};

function lacking({ name, content }: SystemdUnitSpec): string | undefined {
  const section = SECTIONS[name.slice(name.lastIndexOf(".") + 1)];
  if (section !== undefined && !new RegExp(`^\\[${section}\\]\\s*$`, "m").test(content))
    return `${name} has a [${section}] section - add one`;
  if (section === "Timer" && !/^On[A-Z]\w*=\S/m.test(content))
    return "a timer says when - add a line like OnCalendar=daily to its [Timer] section";
  return undefined;
}

const schema: z.ZodType<SystemdUnitSpec> = z.strictObject({
  ...onGuest,
  name: z.string().regex(/^[A-Za-z0-9:_.\\@-]+\.(service|timer|socket|path|mount|automount|target|slice)$/, {
    error: "the name of a unit with its type - write backup.timer",
  }),
  content: z.string().regex(/^\[/m, { error: "the text of a unit: sections in brackets" }),
  enabled: z.boolean().optional(),
  active: z.boolean().optional(),
  loaded: z.boolean().optional(),
});

export const systemdUnitKind: Kind<SystemdUnitSpec, Seen> = {
  noun: "unit",
  schema,
  identity: ["name"],
  canonical: (inputs) => {
    const enabled = inputs.enabled ?? /^\[Install\]/m.test(inputs.content);
    return { ...inputs, enabled, active: inputs.active ?? enabled, loaded: true };
  },
  problems: (inputs) => {
    const reason = lacking(inputs);
    return [
      ...(reason === undefined ? [] : [{ property: "content", reason }]),
      ...(inputs.enabled === true && !/^\[Install\]/m.test(inputs.content)
        ? [{ property: "enabled", reason: "true: the text has no [Install] section to be enabled by - add one" }]
        : []),
    ];
  },
  name: ({ name }) => name,
  look: (inputs) => {
    const target = startedBy(inputs);
    const asked = target === undefined ? [] : [["systemctl", "show", "--property=LoadState", "--", target] as const];
    return [...lookAtUnit(inputs.name), ...asked];
  },
  see: (answers, inputs) => {
    const target = startedBy(inputs);
    const there = target === undefined || shown(answers[3]).LoadState !== "not-found";
    return { ...seenUnit(inputs.name, answers), missing: there ? undefined : target };
  },
  live: ({ text, enabled, active, due }, inputs) =>
    text === undefined
      ? undefined
      : { ...inputs, content: text, enabled, active: active === "active" || active === "activating", loaded: !due },
  steps: (seen, { name, content, enabled = false, active = false }) => {
    // systemd refuses to start it, or starts nothing by it.
    if (seen.missing !== undefined && (active || enabled))
      throw new Error(
        `it starts ${seen.missing}, and the guest has no such unit - make that one first, as a unit of its own that this one depends on`,
      );
    return unitSteps(seen, { name, content, enabled, active });
  },
  remove: ({ name }) => [unitRemoval(name)],
};

export const lifecycle = guestLifecycle(systemdUnitKind);
