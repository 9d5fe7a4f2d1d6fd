/**
 * What an updater must leave alone says so: what somebody would miss the same evening, what changes a database with it,
 * what shares a network, and what has the VM's Docker in its hands. Pure.
 */
import type { Problem } from "../../../values/problem";
import { networkDependants, type Stack, type StackService } from "../stack";

/** Watchtower's word for: leave it alone. Monitor-only would pull, and the tag mean another image from then on. */
export const NEVER_UPDATED = "com.centurylinklabs.watchtower.enable";

export function updaterProblems(stack: Stack): Problem[] {
  const shared = networkDependants(stack);
  const reasons = (name: string, { mounts }: StackService): string | undefined => {
    if (stack.priority !== "none")
      return `belongs to ${stack.priority === "critical" ? "a critical" : "an important"} stack`;
    if (stack.backup.postgres?.[name] !== undefined) return "is a database";
    if (stack.backup.postgres !== undefined) return "changes the stack's database with its version";
    if (shared[name] !== undefined || Object.values(shared).some((names) => names.includes(name)))
      return "shares its network";
    if (mounts.some((mount) => mount.kind === "path" && mount.source.endsWith("/docker.sock")))
      return "rules the VM's Docker";
    return undefined;
  };
  return Object.entries(stack.services).flatMap(([name, service]) => {
    const { labels } = service;
    const reason = reasons(name, service);
    if (reason === undefined || labels[NEVER_UPDATED] === "false") return [];
    return [
      {
        path: `services.${name}.labels`,
        value: labels[NEVER_UPDATED] ?? undefined,
        rule: `${reason}, and an updater that runs unattended may replace it`,
        fix: `label it ${NEVER_UPDATED}: "false"`,
      },
    ];
  });
}
