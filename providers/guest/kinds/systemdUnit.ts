/** A systemd unit of our own on a guest: a service, timer or the like, with its text, and whether it starts and runs. */
import { z } from "zod";
import { onGuest, type OnGuest } from "../guest";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { lookAtUnit, seenUnit, unitRemoval, unitSteps, type SeenUnit } from "../units";

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

export const systemdUnitKind: Kind<SystemdUnitSpec, SeenUnit> = {
  noun: "unit",
  schema,
  identity: ["name"],
  canonical: (inputs) => {
    const enabled = inputs.enabled ?? /^\[Install\]/m.test(inputs.content);
    return { ...inputs, enabled, active: inputs.active ?? enabled, loaded: true };
  },
  problems: ({ enabled, content }) =>
    enabled === true && !/^\[Install\]/m.test(content)
      ? [{ property: "enabled", reason: "true: the text has no [Install] section to be enabled by - add one" }]
      : [],
  name: ({ name }) => name,
  look: ({ name }) => lookAtUnit(name),
  see: (answers, { name }) => seenUnit(name, answers),
  live: ({ text, enabled, active, due }, inputs) =>
    text === undefined
      ? undefined
      : { ...inputs, content: text, enabled, active: active === "active" || active === "activating", loaded: !due },
  steps: (seen, { name, content, enabled = false, active = false }) =>
    unitSteps(seen, { name, content, enabled, active }),
  remove: ({ name }) => unitRemoval(name),
};

export const lifecycle = guestLifecycle(systemdUnitKind);
