/** Every container is pinned to a version, comes back by itself, tells its health, and doesn't fill the disk with logs. Pure. */
import type { Problem } from "../../../values/problem";
import { isPinned } from "../image";
import type { Stack, StackService } from "../stack";

const RESTARTS: readonly (string | undefined)[] = ["unless-stopped", "always"];

/** Drivers that keep nothing on the VM, or can't be told a limit. */
const UNLIMITED: readonly (string | undefined)[] = ["none", "journald", "syslog"];

function imageProblems(path: string, { image }: StackService): Problem[] {
  if (isPinned(image)) return [];
  const rule =
    image.tag === undefined
      ? "names no version: it means latest"
      : "is a tag that moves on: two deploys get two images";
  return [
    { path: `${path}.image`, value: image.reference, rule, fix: "name the version: image:1.2.3, or image@sha256:..." },
  ];
}

/** Without a size it may take half of the VM's memory. */
const tmpfsProblems = (path: string, { mounts, memory }: StackService): Problem[] =>
  mounts
    .filter((mount) => mount.kind === "tmpfs" && mount.size === undefined && memory === undefined)
    .map(({ target }) => ({
      path: `${path}.tmpfs`,
      value: target,
      rule: "has no size: it may take half of the VM's memory",
      fix: `write ${target}:size=64m, or give the container a mem_limit`,
    }));

function serviceProblems(name: string, service: StackService): Problem[] {
  const path = `services.${name}`;
  const { restart, healthcheck, logging } = service;
  const limited = UNLIMITED.includes(logging?.driver) || logging?.options["max-size"] !== undefined;
  return [
    ...imageProblems(path, service),
    ...tmpfsProblems(path, service),
    ...(RESTARTS.includes(restart)
      ? []
      : [
          {
            path: `${path}.restart`,
            value: restart,
            rule: "it stays down when the VM boots",
            fix: "set restart: unless-stopped",
          },
        ]),
    ...(healthcheck
      ? []
      : [
          {
            path: `${path}.healthcheck`,
            rule: "nobody would know whether it works: running counts as healthy without one",
            fix: "give a test that fails when it doesn't work",
          },
        ]),
    ...(limited
      ? []
      : [
          {
            path: `${path}.logging`,
            value: logging?.driver,
            rule: "its log grows until the disk is full",
            fix: "set logging: { driver: local, options: { max-size: 10m, max-file: 3 } }",
          },
        ]),
  ];
}

export const containerProblems = ({ services }: Stack): Problem[] =>
  Object.entries(services).flatMap(([name, service]) => serviceProblems(name, service));
