/** `check` of a Compose stack: shape, defaults, canonical form. CPU only: its files are read when it is deployed. */
import { z } from "zod";
import { canonical } from "../canonical";
import { failuresOf } from "../failures";
import { guestPath, onGuest } from "../guest/guest";
import type { CheckFailure } from "../lifecycle";
import type { ComposeStackInputs, ComposeStackSpec } from "./args";
import { DIGEST } from "./digest";
import { WHOLE } from "./integrity";
import { COMPOSE_VARIABLES, ENV_FILE, LABELS_FILE, LOCK_FILE, STACKS_FOLDER } from "./release";

const relative = z
  .string()
  .regex(/^[^/\0\n]+(\/[^/\0\n]+)*$/, { error: "a path below the stack's folder" })
  .refine((path) => !path.split("/").some((part) => part === "." || part === ".."), {
    error: "a path without . or ..",
  });

const digest = z.string().regex(DIGEST, { error: "a SHA-256 in hex, with 0755 behind it where the file may be run" });

const schema = z.strictObject({
  ...onGuest,
  project: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, { error: "a project's name: small letters, digits, - and _" }),
  directory: guestPath.optional(),
  source: relative,
  compose: z.array(relative).min(1).optional(),
  files: z.record(relative, digest),
  rendered: z.record(relative, z.string()).optional(),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "the name of a variable" }), z.string())
    .optional(),
  secrets: z.array(z.string()).optional(),
  services: z.record(
    z.string(),
    z.strictObject({
      image: z.string().min(1),
      state: z.enum(["up", "completed"]).optional(),
      content: z.string().optional(),
      files: z.array(relative).optional(),
      handsOn: z.boolean().optional(),
      data: z.record(z.string(), z.string()).optional(),
    }),
  ),
  vpn: z.strictObject({ service: z.string().min(1), bridge: z.string().min(1) }).optional(),
  mounts: z.array(guestPath).optional(),
  waitSeconds: z.int().min(1).max(7200).optional(),
  envMode: z.string().optional(),
  integrity: z.string().optional(),
  deleteVolumes: z.boolean().optional(),
}) satisfies z.ZodType<ComposeStackSpec>;

/** What sudo and the look itself set, whatever `.env` says. */
const OF_LOG_IN =
  /^(HOME|PATH|USER|LOGNAME|SHELL|MAIL|TERM|PWD|LANG|LANGUAGE|LC_[A-Z]+|SUDO_[A-Z]+|DOCKER_(HOST|CONTEXT|CONFIG))$/;

function problems(inputs: ComposeStackInputs, olds: Partial<ComposeStackInputs>): CheckFailure[] {
  const { directory, compose, files, env, rendered = {} } = inputs;
  return [
    ...(olds.directory !== undefined && olds.directory !== directory
      ? [
          {
            property: "directory",
            reason:
              `${directory}: it is ${olds.directory}, and its data lies there - write ${olds.directory} again; or stop the ` +
              `stack, move the folder on the guest, and forget the stack from the state before it is taken over there`,
          },
        ]
      : []),
    ...(inputs.vpn !== undefined && !(inputs.vpn.service in inputs.services)
      ? [
          {
            property: "vpn.service",
            reason: `${inputs.vpn.service}: is none of its services - name the one with the tunnel`,
          },
        ]
      : []),
    ...(Object.keys(inputs.services).length === 0
      ? [{ property: "services", reason: "there are none, and Compose deploys nothing without one - name them" }]
      : []),
    ...compose.flatMap((file, index) =>
      file in files
        ? []
        : [{ property: `compose.${index}`, reason: `${file}: is none of its files - add it to files` }],
    ),
    ...Object.keys(rendered).flatMap((file) =>
      file in files ? [] : [{ property: `rendered.${file}`, reason: "is none of its files - add it to files" }],
    ),
    ...Object.entries(inputs.services).flatMap(([name, service]) =>
      (service.files ?? []).flatMap((file) =>
        file in files
          ? []
          : [{ property: `services.${name}.files`, reason: `${file}: is none of its files - add it to files` }],
      ),
    ),
    ...[ENV_FILE, LABELS_FILE, LOCK_FILE, "releases", "current", "good", "anew"].flatMap((name) =>
      Object.keys(files).some((file) => file.split("/")[0] === name)
        ? [{ property: `files.${name}`, reason: "is a name of the deployment's own - rename it" }]
        : [],
    ),
    ...Object.keys(env).flatMap((name) =>
      OF_LOG_IN.test(name)
        ? [{ property: `env.${name}`, reason: "Compose takes the log-in's own before the stack's - rename it" }]
        : [],
    ),
    ...COMPOSE_VARIABLES.flatMap((name) =>
      name in env ? [{ property: `env.${name}`, reason: "is set by the deployment - take it out" }] : [],
    ),
  ];
}

/** @param olds recorded inputs; `{}` for a new stack. */
export function checkComposeStack(
  olds: unknown,
  news: unknown,
): { inputs: ComposeStackInputs; failures: CheckFailure[] } {
  const failures = failuresOf(schema, news);
  if (failures.length > 0) return { inputs: news as ComposeStackInputs, failures };
  const spec = news as ComposeStackSpec;
  const inputs = canonical({
    ...spec,
    directory: spec.directory ?? `${STACKS_FOLDER}/${spec.project}`,
    compose: spec.compose ?? ["docker-compose.yml"],
    env: spec.env ?? {},
    waitSeconds: spec.waitSeconds ?? 300,
    envMode: "0600",
    integrity: WHOLE,
    secrets: spec.secrets && [...new Set(spec.secrets)].sort(),
    mounts: spec.mounts && [...new Set(spec.mounts)].sort(),
    services: Object.fromEntries(
      Object.entries(spec.services).map(([name, service]) => [name, { ...service, state: service.state ?? "up" }]),
    ),
  });
  return { inputs, failures: problems(inputs, olds ?? {}) };
}
